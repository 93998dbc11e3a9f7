// RabbitQueue: payments in RabbitMQ, shared by all replicas. A payment counts as asked for once the broker
// has confirmed it, and leaves the queue once it is settled; connections that break are made anew. Any
// thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "lastcall/rabbitmq.h"
#include "payment_queue.h"
#include "rabbit_link.h"

namespace orders {

class RabbitQueue final : public PaymentQueue {
 public:
  /// Error: no broker answers there.
  static lastcall::Result<std::unique_ptr<PaymentQueue>> connect(const std::string& host, int port);

  RabbitQueue(std::string host, int port, RabbitLink publisher);
  ~RabbitQueue() override;

  lastcall::Result<void> push(std::int64_t order) override;
  void start(Settle settle) override;
  lastcall::Result<void> drain_with(lastcall::Coordinator& coordinator) override;

 private:
  void work(const std::stop_token& stop);
  void consume(lastcall::rabbitmq::Consumer& consumer, const std::stop_token& stop);
  void wait_after_failure(const std::stop_token& stop);
  void pause();

  const std::string host_;
  const int port_;
  Settle settle_;

  std::mutex publishing_;
  std::optional<RabbitLink> publisher_;  ///< guarded by publishing_

  std::mutex mutex_;
  std::condition_variable_any retry_;
  std::optional<lastcall::rabbitmq::Consumer> consumer_;  ///< guarded by mutex_, but for the worker
  std::jthread worker_;
};

}  // namespace orders
