#include "base/occupancy.h"

#include "base/assert.h"

namespace lastcall {

Occupancy::Entry Occupancy::enter(Time until) {
  std::unique_lock lock(mutex_);
  const auto decided = [this] { return closed_ || inside_ < places_; };
  if (!changed_.wait_until(lock, until, decided)) {
    return Entry::late;
  }
  if (closed_) {
    return Entry::closed;
  }
  ++inside_;
  return Entry::entered;
}

void Occupancy::leave() {
  // Notified under the lock: the last to leave may be what keeps us alive.
  const std::lock_guard lock(mutex_);
  LASTCALL_ASSERT(inside_ > 0);
  --inside_;
  changed_.notify_all();
}

std::size_t Occupancy::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
  return inside_;
}

bool Occupancy::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t Occupancy::inside() const {
  const std::lock_guard lock(mutex_);
  return inside_;
}

bool Occupancy::wait_until_empty(Time until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, stop, until, [this] { return inside_ == 0; });
}

}  // namespace lastcall
