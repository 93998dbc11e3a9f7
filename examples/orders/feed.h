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

  using Timer = std::weak_ptr<boost::asio::steady_timer>;

  /// `timer` is cancelled when the order changes. When its wait is over, forget() it.
  void wake(std::int64_t order, const Timer& timer);
  void forget(std::int64_t order, const Timer& timer);

  /// Ends the timer's wait, on its own strand, as a timer is not for two threads.
  static void cancel(const Timer& timer);

  void publish(const Order& order);

  /// Requests that wait.
  [[nodiscard]] std::size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::vector<lastcall::beast::WebSocket> websockets_;
  std::vector<lastcall::beast::EventStream> streams_;
  std::multimap<std::int64_t, Timer> waiting_;  ///< no more than there are connections
};

}  // namespace orders
