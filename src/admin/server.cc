#include "admin/server.h"

#include <algorithm>
#include <utility>

#include "net/accept_error.h"

namespace lastcall::admin {
namespace {

constexpr int kAcceptsAtOnce = 16;
constexpr Duration kAcceptPause = 100ms;

}  // namespace

Server::Server(net::Loop& loop, sys::UniqueFd listener, const Source& source)
    : loop_(loop), listener_(std::move(listener)), source_(&source) {
  watch_listener();
}

Server::Server(net::Loop& loop, sys::UniqueFd listener, Control& control)
    : loop_(loop), listener_(std::move(listener)), control_(&control) {
  watch_listener();
}

Server::~Server() {
  for (const auto& connection : connections_) {
    connection->leave();
  }
  loop_.unwatch(listener_.get());
  sys::unlink_if_ours(listener_.get());
}

Time Server::tick(Time now) {
  while (oldest() != nullptr && oldest()->deadline() <= now) {
    over(*oldest());
  }
  if (accepting_again_ && *accepting_again_ <= now) {
    accepting_again_.reset();
    watch_listener();
  }
  const Time next = oldest() == nullptr ? Time::max() : oldest()->deadline();
  return std::min(next, accepting_again_.value_or(Time::max()));
}

void Server::on_events(std::uint32_t) {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    const int fd = sys::accept(listener_.get(), nullptr);
    if (fd >= 0) {
      welcome(sys::UniqueFd(fd));
      continue;
    }
    const net::AcceptError error = net::classify_accept_error(fd);
    if (error == net::AcceptError::that_client_only) {
      continue;
    }
    if (error == net::AcceptError::out_of_resources) {
      // A level-triggered listener would wake the loop without end.
      loop_.unwatch(listener_.get());
      accepting_again_ = loop_.now() + kAcceptPause;
    }
    return;
  }
}

/// Of those that do not wait for the end.
Connection* Server::oldest() const {
  const auto found = std::ranges::find_if(connections_, [](const auto& one) { return !one->held(); });
  return found == connections_.end() ? nullptr : found->get();
}

void Server::release_held(const Response& response) {
  std::vector<Connection*> held;
  for (const auto& connection : connections_) {
    if (connection->held()) {
      held.push_back(connection.get());
    }
  }
  for (Connection* connection : held) {
    connection->release(response);
  }
}

Response Server::answer_to(const Request& request) {
  if (control_ != nullptr) {
    return answer(request, *control_);
  }
  Response response = answer(request, *source_);
  if (response.failed_probe) {
    last_failed_probe_ = loop_.now();
  }
  return response;
}

void Server::over(Connection& connection) {
  const auto found = std::ranges::find(connections_, &connection, &std::unique_ptr<Connection>::get);
  connection.leave();
  std::unique_ptr<Connection> retired = std::move(*found);
  connections_.erase(found);
  loop_.retire(std::move(retired));
}

void Server::watch_listener() {
  if (loop_.watch(listener_.get(), sys::kReadable, *this) != 0) {
    accepting_again_ = loop_.now() + kAcceptPause;
  }
}

void Server::welcome(sys::UniqueFd fd) {
  if (connections_.size() == kMaxConnections) {
    over(oldest() != nullptr ? *oldest() : *connections_.front());
  }
  Connection::Owner& owner = *this;
  connections_.push_back(std::make_unique<Connection>(loop_, std::move(fd), owner, loop_.now() + kLifetime));
}

}  // namespace lastcall::admin
