#include "rabbit_queue.h"

#include <string_view>
#include <utility>

namespace orders {
namespace {

using lastcall::Failure;
using lastcall::Result;
using lastcall::Stage;
using lastcall::StepContext;
using lastcall::rabbitmq::Consumer;
using lastcall::rabbitmq::Delivery;

constexpr const char* kTag = "orders";
constexpr auto kPauseAfterFailure = std::chrono::seconds(1);

std::int64_t read_order(const Delivery& delivery) {
  const amqp_bytes_t& body = delivery.envelope().message.body;
  const std::string text(static_cast<const char*>(body.bytes), body.len);
  return std::strtoll(text.c_str(), nullptr, 10);
}

}  // namespace

Result<std::unique_ptr<PaymentQueue>> RabbitQueue::connect(const std::string& host, int port) {
  return RabbitLink::open(host, port, 0).map([&](RabbitLink&& link) -> std::unique_ptr<PaymentQueue> {
    return std::make_unique<RabbitQueue>(host, port, std::move(link));
  });
}

RabbitQueue::RabbitQueue(std::string host, int port, RabbitLink publisher)
    : host_(std::move(host)), port_(port), publisher_(std::move(publisher)) {}

RabbitQueue::~RabbitQueue() {
  worker_.request_stop();
  pause();
}

Result<void> RabbitQueue::push(std::int64_t order) {
  const std::lock_guard lock(publishing_);
  if (!publisher_) {
    auto link = RabbitLink::open(host_, port_, 0);
    if (!link) {
      return Failure(link.error());
    }
    publisher_ = std::move(*link);
  }
  auto published = publisher_->publish(std::to_string(order));
  if (!published) {
    publisher_.reset();
  }
  return published;
}

void RabbitQueue::start(Settle settle) {
  settle_ = std::move(settle);
  worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

// The worker stops fetching first, and ends what it has begun; then the queue is left, and what was fetched
// but not begun goes to the other replicas.
Result<void> RabbitQueue::drain_with(lastcall::Coordinator& coordinator) {
  auto added = coordinator.add_step({.name = "queue intake", .stage = Stage::intake}, [this] {
    worker_.request_stop();
    pause();
  });
  if (added) {
    added = coordinator.add_step({.name = "transaction worker", .stage = Stage::work}, [this] {
      if (worker_.joinable()) {
        worker_.join();
      }
    });
  }
  if (added) {
    added = coordinator.add_step({.name = "publisher", .stage = Stage::producers}, [this] {
      const std::lock_guard lock(publishing_);
      if (publisher_) {
        publisher_->close();
        publisher_.reset();
      }
    });
  }
  if (!added) {
    return added;
  }
  return coordinator.add_step({.name = "queue", .stage = Stage::consumers},
                              [this](const StepContext& step) -> Result<void> {
                                return consumer_ ? consumer_->drain(step) : Result<void>();
                              });
}

void RabbitQueue::pause() {
  const std::lock_guard lock(mutex_);
  if (consumer_) {
    consumer_->pause();
  }
}

void RabbitQueue::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto connection =
        RabbitLink::open(host_, port_, RabbitLink::kHeartbeatSeconds).and_then([](RabbitLink&& link) {
          return link.consume(kTag);
        });
    if (!connection) {
      wait_after_failure(stop);
      continue;
    }
    std::unique_lock lock(mutex_);
    consumer_.emplace(*connection, RabbitLink::kChannel, kTag);
    if (stop.stop_requested()) {
      consumer_->pause();
    }
    lock.unlock();
    consume(*consumer_, stop);
  }
}

void RabbitQueue::consume(Consumer& consumer, const std::stop_token& stop) {
  for (auto next = consumer.next(); next && *next; next = consumer.next()) {
    Delivery delivery = std::move(**next);
    const bool settled = settle_(read_order(delivery)).has_value();
    if (!settled) {
      wait_after_failure(stop);  // else it would come again, and fail again, as fast as the broker can
    }
    // What cannot be said, or fails, comes again, to this replica or another one.
    static_cast<void>(settled ? delivery.ack() : delivery.nack());
  }
}

void RabbitQueue::wait_after_failure(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  retry_.wait_for(lock, stop, kPauseAfterFailure, [] { return false; });
}

}  // namespace orders
