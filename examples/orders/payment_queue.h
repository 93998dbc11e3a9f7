// PaymentQueue: payments that were asked for and are to be taken, by a worker of its own: one at a time, and
// again if that fails or the process ends. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "lastcall/coordinator.h"

namespace orders {

class PaymentQueue {
 public:
  /// Takes one payment, or finds that it was taken before.
  using Settle = std::function<lastcall::Result<void>(std::int64_t order)>;

  virtual ~PaymentQueue() = default;

  /// Error: nobody will take it.
  virtual lastcall::Result<void> push(std::int64_t order) = 0;

  /// From now on `settle` is called for each, on the worker's thread.
  virtual void start(Settle settle) = 0;

  /// Adds the steps that stop the worker and leave the queue.
  virtual lastcall::Result<void> drain_with(lastcall::Coordinator& coordinator) = 0;
};

/// Within the process. What is left in it at the end still stands in the database as unsettled.
class LocalQueue final : public PaymentQueue {
 public:
  ~LocalQueue() override;

  lastcall::Result<void> push(std::int64_t order) override;
  void start(Settle settle) override;
  lastcall::Result<void> drain_with(lastcall::Coordinator& coordinator) override;

 private:
  void work(const std::stop_token& stop);
  void stop();

  Settle settle_;
  std::mutex mutex_;
  std::condition_variable_any pushed_;
  std::deque<std::int64_t> waiting_;
  std::jthread worker_;
};

}  // namespace orders
