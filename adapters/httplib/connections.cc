#include "connections.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "sys/sys.h"

namespace lastcall::httplib {
namespace {

constexpr int kMostReads = 16;

}  // namespace

Connection::Connection(Connections& all, sys::UniqueFd fd, const SocketStream::Timeouts& timeouts,
                       bool after_announcement)
    : stream(fd.get(), timeouts),
      redialled(after_announcement),
      all_(all),
      fd_(std::move(fd)),
      accepted_(sys::now()) {
  const std::lock_guard lock(all_.mutex_);
  all_.all_.insert(this);
  if (all_.all_.size() == all_.most_) {
    all_.on_bound_(true);
  }
  if (all_.cut_) {
    cut();
  }
}

Connection::~Connection() {
  const std::lock_guard lock(all_.mutex_);
  if (all_.all_.size() == all_.most_) {
    all_.on_bound_(false);
  }
  all_.all_.erase(this);
  all_.changed_.notify_all();
}

void Connection::queue() {
  const std::lock_guard lock(all_.mutex_);
  place_ = Place::queued;
}

bool Connection::begin() {
  const std::lock_guard lock(all_.mutex_);
  if (place_ == Place::refused) {
    return false;
  }
  place_ = Place::served;
  return true;
}

bool Connection::refuse(std::string_view response) const {
  std::array<char, 4096> discarded;
  if (sys::receive(fd_.get(), discarded) <= 0) {
    return false;
  }
  static_cast<void>(sys::send(fd_.get(), response, false));  // an empty buffer takes it
  return true;
}

bool Connection::await_request(Duration keep_alive) const {
  const Time idle_until = sys::now() + keep_alive;
  for (;;) {
    const Time since = all_.draining_since_;
    const bool draining = since != Time::max();
    const Time until =
        draining ? std::min(idle_until, std::max(since, accepted_) + all_.idle_grace_) : idle_until;
    const int wake = draining ? -1 : all_.drain_began_.get();
    if (sys::poll_one(fd_.get(), sys::kReadable, wake, until - sys::now()) != 0) {
      return true;
    }
    if (sys::now() >= until) {
      return false;
    }
  }
}

void Connection::half_close(bool was_idle) {
  may_lose_ = was_idle;
  sys::shutdown_write(fd_.get());
}

bool Connection::discard() {
  std::array<char, 4096> discarded;
  // A bound, for a client that sends faster than we read.
  for (int reads = 0; reads < kMostReads; ++reads) {
    const ssize_t got = sys::receive(fd_.get(), discarded);
    if (got <= 0) {
      return got == -EAGAIN;
    }
    all_.lost_race_ += std::exchange(may_lose_, false) ? 1 : 0;
  }
  return true;
}

void Connection::cut() const {
  sys::shutdown_read(fd_.get());
  sys::shutdown_write(fd_.get());
}

Connections::Connections(Duration idle_grace, std::size_t most, std::function<void(bool)> on_bound)
    : idle_grace_(idle_grace),
      most_(most),
      on_bound_(std::move(on_bound)),
      drain_began_(sys::wake_create()) {}

void Connections::begin_drain() {
  draining_since_ = sys::now();
  sys::wake(drain_began_.get());
}

bool Connections::wait_until_none(const std::stop_token& token, Time until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, token, until, [this] { return all_.empty(); });
}

std::vector<std::shared_ptr<Connection>> Connections::refuse_queued() {
  std::vector<std::shared_ptr<Connection>> refused;
  const std::lock_guard lock(mutex_);
  for (Connection* connection : all_) {
    if (connection->place_ != Connection::Place::queued) {
      continue;
    }
    if (auto held = connection->weak_from_this().lock()) {
      connection->place_ = Connection::Place::refused;
      refused.push_back(std::move(held));
    }
  }
  return refused;
}

void Connections::cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  for (const Connection* connection : all_) {
    if (connection->place_ != Connection::Place::refused) {
      connection->cut();
    }
  }
}

std::size_t Connections::count() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

}  // namespace lastcall::httplib
