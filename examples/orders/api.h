// Api: what the service answers. Everything that may wait for a database or a cache runs on the Api's own
// threads, so that the server's are always free to accept, to answer probes and to drain.
#pragma once

#include <string>

#include <boost/asio/thread_pool.hpp>

#include "cache.h"
#include "feed.h"
#include "lastcall/beast.h"
#include "order_store.h"
#include "payment_queue.h"

namespace orders {

class Api {
 public:
  using Request = lastcall::beast::Request;
  using Responder = lastcall::beast::Responder;

  /// All of them outlive it.
  Api(OrderStore& store, Cache& cache, PaymentQueue& payments, Feed& feed);

  void handle(Request request, Responder respond);

 private:
  template <class Work>
  void on_own_thread(Responder respond, Work work);

  void place(const Request& request, Responder& respond);
  void list(Responder& respond);
  void find(std::int64_t id, Responder& respond);
  void pay(std::int64_t id, Responder& respond);
  void await_change(std::int64_t id, std::chrono::milliseconds patience, Responder respond);

  OrderStore& store_;
  Cache& cache_;
  PaymentQueue& payments_;
  Feed& feed_;
  boost::asio::thread_pool threads_;  ///< the last member: its tasks use all others
};

}  // namespace orders
