#include "service/notifier.h"

#include <utility>

#include "sys/sys.h"

namespace lastcall::service {

Notifier::Notifier() : thread_([this] { run(); }) {}

Notifier::~Notifier() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Notifier::post(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }
  changed_.notify_one();
}

void Notifier::run() {
  sys::block_all_signals();
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !calls_.empty(); });
    if (calls_.empty()) {
      return;
    }
    std::function<void()> call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    call();
    // What it holds is the service's own, and may post when it goes.
    call = nullptr;
    lock.lock();
  }
}

}  // namespace lastcall::service
