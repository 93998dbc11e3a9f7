#include "feed.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "json.h"

namespace orders {

void Feed::join(lastcall::beast::WebSocket listener) {
  const std::lock_guard lock(mutex_);
  websockets_.push_back(std::move(listener));
}

void Feed::join(lastcall::beast::EventStream listener) {
  const std::lock_guard lock(mutex_);
  streams_.push_back(std::move(listener));
}

void Feed::wake(std::int64_t order, const Timer& timer) {
  const std::lock_guard lock(mutex_);
  waiting_.emplace(order, timer);
}

void Feed::forget(std::int64_t order, const Timer& timer) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = waiting_.equal_range(order);
  const auto found = std::find_if(begin, end, [&](const auto& each) {
    return !each.second.owner_before(timer) && !timer.owner_before(each.second);
  });
  if (found != end) {
    waiting_.erase(found);
  }
}

void Feed::cancel(const Timer& weak) {
  if (const auto timer = weak.lock()) {
    boost::asio::post(timer->get_executor(), [timer] { timer->cancel(); });
  }
}

std::size_t Feed::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Feed::publish(const Order& order) {
  const std::string text = to_json(order);
  const std::lock_guard lock(mutex_);
  std::erase_if(websockets_, [&](const auto& listener) { return !listener.send(text); });
  std::erase_if(streams_, [&](const auto& listener) { return !listener.send(text, "order"); });
  const auto [begin, end] = waiting_.equal_range(order.id);
  for (auto each = begin; each != end; ++each) {
    cancel(each->second);
  }
}

}  // namespace orders
