#include "api.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/asio/post.hpp>

#include "json.h"
#include "log.h"
#include "route.h"

namespace orders {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using lastcall::beast::WebSocket;

constexpr std::size_t kThreads = 8;
constexpr int kMostListed = 100;
constexpr std::size_t kLongestKey = 200;

void send_json(Api::Responder& respond, http::status status, std::string body) {
  respond.send(status, std::move(body), "application/json");
}

void send_error(Api::Responder& respond, http::status status, const std::string& what) {
  respond.send(status, what + "\n");
}

/// Its reason is for the log: it names hosts and tables.
void send_unavailable(Api::Responder& respond, const lastcall::Error& error) {
  log_line(error.what);
  send_error(respond, http::status::service_unavailable, "try again later");
}

/// As a database can keep it, and find it again.
bool is_key(std::string_view text) {
  return text.size() <= kLongestKey &&
         std::ranges::all_of(text, [](char each) { return each > ' ' && each <= '~'; });
}

std::string cache_key(std::int64_t id) {
  return "order:" + std::to_string(id);
}

}  // namespace

Api::Api(OrderStore& store, Cache& cache, PaymentQueue& payments, Feed& feed)
    : store_(store), cache_(cache), payments_(payments), feed_(feed), threads_(kThreads) {}

void Api::handle(Request request, Responder respond) {
  const Route route = parse_route(request.method_string(), request.target());
  switch (route.kind) {
    case Route::Kind::home:
      return respond.send(http::status::ok,
                          "POST /orders, GET /orders, GET /orders/ID[?wait_ms=MS], "
                          "POST /orders/ID/pay, GET /feed (WebSocket), GET /events\n");
    case Route::Kind::place:
      return on_own_thread(std::move(respond),
                           [this, request = std::move(request)](Responder& to) { place(request, to); });
    case Route::Kind::list:
      return on_own_thread(std::move(respond), [this](Responder& to) { list(to); });
    case Route::Kind::find:
      if (route.wait > std::chrono::milliseconds(0)) {
        return await_change(route.id, route.wait, std::move(respond));
      }
      return on_own_thread(std::move(respond), [this, id = route.id](Responder& to) { find(id, to); });
    case Route::Kind::pay:
      return on_own_thread(std::move(respond), [this, id = route.id](Responder& to) { pay(id, to); });
    case Route::Kind::feed:
      return respond.upgrade(std::move(request), {.label = "websocket /feed",
                                                  .on_open = [this](WebSocket one) { feed_.join(one); }});
    case Route::Kind::events:
      return feed_.join(respond.stream_events());
    case Route::Kind::unknown:
      return send_error(respond, http::status::not_found, "there is no such page; see /");
  }
}

template <class Work>
void Api::on_own_thread(Responder respond, Work work) {
  asio::post(threads_, [respond = std::move(respond), work = std::move(work)]() mutable { work(respond); });
}

void Api::place(const Request& request, Responder& respond) {
  const auto wanted = parse_new_order(request.body());
  if (!wanted) {
    return send_error(respond, http::status::bad_request, wanted.error().what);
  }
  const std::string key(request["Idempotency-Key"]);
  if (!is_key(key)) {
    return send_error(respond, http::status::bad_request,
                      "an Idempotency-Key is of 200 visible ASCII characters at most");
  }
  const auto order = store_.place(key, wanted->item, wanted->quantity);
  if (!order) {
    return send_unavailable(respond, order.error());
  }
  if (order->item != wanted->item || order->quantity != wanted->quantity) {
    return send_error(respond, http::status::unprocessable_entity,
                      "this Idempotency-Key is of another order");
  }
  log_line("order " + std::to_string(order->id) + " placed");
  feed_.publish(*order);
  send_json(respond, http::status::created, to_json(*order));
}

void Api::list(Responder& respond) {
  const auto orders = store_.list(kMostListed);
  orders ? send_json(respond, http::status::ok, to_json(*orders)) : send_unavailable(respond, orders.error());
}

void Api::find(std::int64_t id, Responder& respond) {
  if (auto known = cache_.get(cache_key(id))) {
    return send_json(respond, http::status::ok, std::move(*known));
  }
  const auto order = store_.find(id);
  if (!order) {
    send_unavailable(respond, order.error());
  } else if (!*order) {
    send_error(respond, http::status::not_found, "there is no such order");
  } else {
    if ((*order)->is_final()) {
      cache_.put(cache_key(id), to_json(**order));
    }
    send_json(respond, http::status::ok, to_json(**order));
  }
}

void Api::pay(std::int64_t id, Responder& respond) {
  const auto order = store_.request_payment(id);
  if (!order) {
    return send_unavailable(respond, order.error());
  }
  if (!*order) {
    return send_error(respond, http::status::not_found, "there is no such order");
  }
  if (!(*order)->is_final()) {
    if (auto queued = payments_.push(id); !queued) {
      return send_unavailable(respond, queued.error());
    }
  }
  send_json(respond, http::status::accepted, to_json(**order));
}

// The timer is watched before the order is looked at: a change in between ends the wait, too. What will not
// change any more is not waited for.
void Api::await_change(std::int64_t id, std::chrono::milliseconds patience, Responder respond) {
  const auto timer = std::make_shared<asio::steady_timer>(respond.executor(), patience);
  auto permit = respond.fork();  // the look may last longer than the wait, and needs the server's timer
  timer->async_wait([this, id, timer, respond = std::move(respond)](boost::system::error_code) mutable {
    feed_.forget(id, timer);
    on_own_thread(std::move(respond), [this, id](Responder& to) { find(id, to); });
  });
  feed_.wake(id, timer);
  asio::post(threads_, [this, id, weak = Feed::Timer(timer), permit = std::move(permit)] {
    const auto order = store_.find(id);
    if (!order || !*order || (*order)->is_final()) {
      Feed::cancel(weak);
    }
  });
}

}  // namespace orders
