// Feed: tells everybody who listens what happens to orders: WebSockets, event streams, and requests that wait
// for one order to change. Any thread. When the service drains it has nothing to do: the server closes the
// first two, and the third are answered as always.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "lastcall/beast.h"
#include "order_store.h"

namespace orders {

class Feed {
 public:
  void join(lastcall::beast::WebSocket listener);
  void join(lastcall::beast::EventStream listener);

  /// `timer` is cancelled when the order changes.
  void wake(std::int64_t order, const std::shared_ptr<boost::asio::steady_timer>& timer);

  void publish(const Order& order);

 private:
  using Timers = std::vector<std::weak_ptr<boost::asio::steady_timer>>;

  std::mutex mutex_;
  std::vector<lastcall::beast::WebSocket> websockets_;
  std::vector<lastcall::beast::EventStream> streams_;
  std::map<std::int64_t, Timers> waiting_;
};

}  // namespace orders
