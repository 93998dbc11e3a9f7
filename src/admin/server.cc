#include "admin/server.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lastcall::admin {
namespace {

constexpr int kAcceptsAtOnce = 16;
constexpr Duration kAcceptPause = 100ms;

/// The connection that was to be accepted is gone; the next one may be well.
bool concerns_one_client(int error) {
  return error == -ECONNABORTED || error == -EPROTO || error == -EPERM;
}

}  // namespace

Server::Server(net::Loop& loop, sys::UniqueFd listener, const Source& source)
    : loop_(loop), listener_(std::move(listener)), source_(source) {
  watch_listener();
}

Server::~Server() {
  for (const auto& connection : connections_) {
    connection->leave();
  }
  loop_.unwatch(listener_.get());
}

Time Server::tick(Time now) {
  while (!connections_.empty() && connections_.front()->deadline() <= now) {
    over(*connections_.front());
  }
  if (accepting_again_ && *accepting_again_ <= now) {
    accepting_again_.reset();
    watch_listener();
  }
  const Time next = connections_.empty() ? Time::max() : connections_.front()->deadline();
  return std::min(next, accepting_again_.value_or(Time::max()));
}

void Server::on_events(std::uint32_t) {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    const int fd = sys::accept(listener_.get(), nullptr);
    if (fd >= 0) {
      welcome(sys::UniqueFd(fd));
      continue;
    }
    if (concerns_one_client(fd)) {
      continue;
    }
    if (fd != -EAGAIN) {
      // Out of descriptors or memory: a level-triggered listener would wake the loop without end.
      loop_.unwatch(listener_.get());
      accepting_again_ = loop_.now() + kAcceptPause;
    }
    return;
  }
}

Response Server::answer_to(const Request& request) {
  Response response = answer(request, source_);
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
  loop_.watch(listener_.get(), sys::kReadable, *this);
}

void Server::welcome(sys::UniqueFd fd) {
  if (connections_.size() == kMaxConnections) {
    over(*connections_.front());
  }
  Connection::Owner& owner = *this;
  connections_.push_back(std::make_unique<Connection>(loop_, std::move(fd), owner, loop_.now() + kLifetime));
}

}  // namespace lastcall::admin
