#include "ready_asker.h"

#include <algorithm>

namespace lastcall {

ReadyAsker::ReadyAsker(Health& health)
    : health_(health), thread_([this](const std::stop_token& stop) { run(stop); }) {}

ReadyAsker::~ReadyAsker() = default;

ReadyAsker::Answer ReadyAsker::last() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  wanted_changed_.notify_one();
  return answer_;
}

void ReadyAsker::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (wanted_changed_.wait(lock, stop, [&] { return wanted_; })) {
    wanted_ = false;
    lock.unlock();
    const HealthAnswer answer = health_.ready();
    const auto failing = [](const HealthDetail& check) { return check.critical && !check.healthy; };
    const bool checks_pass = std::ranges::none_of(answer.checks, failing);
    lock.lock();
    answer_ = {checks_pass, answer.detail};
  }
}

}  // namespace lastcall
