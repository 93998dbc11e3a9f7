#include "payment_queue.h"

#include <utility>

namespace orders {
namespace {

/// One that fails is tried again after the others; the next process would try it, too.
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(100);

}  // namespace

LocalQueue::~LocalQueue() {
  stop();
}

lastcall::Result<void> LocalQueue::push(std::int64_t order) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(order);
  pushed_.notify_one();
  return {};
}

void LocalQueue::start(Settle settle) {
  settle_ = std::move(settle);
  worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

lastcall::Result<void> LocalQueue::drain_with(lastcall::Coordinator& coordinator) {
  return coordinator.add_step(
      {.name = "transaction worker", .stage = lastcall::Stage::work},
      [this](const lastcall::StepContext& step) {
        stop();
        const std::lock_guard lock(mutex_);
        step.note(std::to_string(waiting_.size()) + " payments left for the next start");
      });
}

void LocalQueue::stop() {
  if (worker_.joinable()) {
    worker_.request_stop();
    worker_.join();
  }
}

void LocalQueue::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (pushed_.wait(lock, stop, [&] { return !waiting_.empty(); }) && !stop.stop_requested()) {
    const std::int64_t order = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    const bool settled = settle_(order).has_value();
    lock.lock();
    if (!settled) {
      waiting_.push_back(order);
      pushed_.wait_for(lock, stop, kPauseAfterFailure, [] { return false; });
    }
  }
}

}  // namespace orders
