// What lastcall/testing.h offers to the tests of services.
#include "lastcall/testing.h"

#include <algorithm>
#include <utility>

namespace lastcall::testing {

Time ManualClock::now() const {
  return Time{} + since_start_.load();
}

void ManualClock::wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                             Time until) {
  Waiter waiter{.mutex = lock.mutex(), .condition = &condition, .until = until};
  {
    const std::lock_guard mine(mutex_);
    if (now() >= until) {
      return;
    }
    waiters_.push_back(&waiter);
  }
  changed_.notify_all();
  // Whoever moves the time from here on takes `lock` before it notifies.
  condition.wait(lock);
  lock.unlock();
  {
    std::unique_lock mine(mutex_);
    changed_.wait(mine, [&] { return waiter.wakers == 0; });
    std::erase(waiters_, &waiter);
  }
  lock.lock();
}

void ManualClock::advance(Duration by) {
  std::vector<Waiter*> due;
  {
    const std::lock_guard mine(mutex_);
    since_start_.store(since_start_.load() + by);
    for (Waiter* const waiter : waiters_) {
      if (waiter->until <= now()) {
        ++waiter->wakers;
        due.push_back(waiter);
      }
    }
  }
  for (Waiter* const waiter : due) {
    {
      const std::lock_guard theirs(*waiter->mutex);
      waiter->condition->notify_all();
    }
    const std::lock_guard mine(mutex_);
    --waiter->wakers;
    changed_.notify_all();
  }
}

void ManualClock::advance_to(Time instant) {
  await_wake(instant);
  advance(instant - now());
}

void ManualClock::await_wake(Time instant) const {
  std::unique_lock mine(mutex_);
  changed_.wait(mine, [&] { return std::ranges::find(waiters_, instant, &Waiter::until) != waiters_.end(); });
}

Time ManualClock::next_wake() const {
  const std::lock_guard mine(mutex_);
  Time next = Time::max();
  for (const Waiter* const waiter : waiters_) {
    next = std::min(next, waiter->until);
  }
  return next;
}

void ManualSignals::start(Receiver receiver) {
  const std::lock_guard lock(mutex_);
  receiver_ = std::move(receiver);
}

void ManualSignals::stop() {
  const std::lock_guard lock(mutex_);
  receiver_ = nullptr;
}

void ManualSignals::raise(int signal) {
  const std::lock_guard lock(mutex_);
  if (receiver_) {
    receiver_(signal);
  }
}

}  // namespace lastcall::testing
