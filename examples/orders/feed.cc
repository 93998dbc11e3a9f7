#include "feed.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "json.h"

namespace orders {
namespace {

/// On its own strand, as a timer is not for two threads.
void cancel(const std::weak_ptr<boost::asio::steady_timer>& weak) {
  if (const auto timer = weak.lock()) {
    boost::asio::post(timer->get_executor(), [timer] { timer->cancel(); });
  }
}

}  // namespace

void Feed::join(lastcall::beast::WebSocket listener) {
  const std::lock_guard lock(mutex_);
  websockets_.push_back(std::move(listener));
}

void Feed::join(lastcall::beast::EventStream listener) {
  const std::lock_guard lock(mutex_);
  streams_.push_back(std::move(listener));
}

void Feed::wake(std::int64_t order, const std::shared_ptr<boost::asio::steady_timer>& timer) {
  const std::lock_guard lock(mutex_);
  Timers& timers = waiting_[order];
  std::erase_if(timers, [](const auto& each) { return each.expired(); });
  timers.push_back(timer);
}

void Feed::publish(const Order& order) {
  const std::string text = to_json(order);
  const std::lock_guard lock(mutex_);
  std::erase_if(websockets_, [&](const auto& listener) { return !listener.send(text); });
  std::erase_if(streams_, [&](const auto& listener) { return !listener.send(text, "order"); });
  if (const auto waiting = waiting_.extract(order.id)) {
    for (const auto& timer : waiting.mapped()) {
      cancel(timer);
    }
  }
}

}  // namespace orders
