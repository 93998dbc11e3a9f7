// HttpServer: an HTTP/1.1 and WebSocket server on Boost.Beast that stops by the drain contract: nobody reset
// who had connected, requests finished, keep-alive connections and WebSockets told to leave. It adds its own
// steps to the coordinator; a service has nothing to do but to answer requests. No TLS.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/message_generator.hpp>
#include <boost/beast/http/string_body.hpp>

#include "lastcall/beast/websocket.h"
#include "lastcall/coordinator.h"
#include "lastcall/result.h"
#include "lastcall/work.h"

namespace lastcall::beast {

namespace http = boost::beast::http;

using Request = http::request<http::string_body>;

class HttpSession;
struct ServerCore;

/// A response whose last header fields are decided when it is written, and not before (contract LC203).
class Answer {
 public:
  virtual ~Answer() = default;

  struct Seal {
    unsigned version = 11;  ///< of the request
    bool keep_alive = true;
    bool head = false;  ///< no body: the request was HEAD
  };

  [[nodiscard]] virtual http::message_generator seal(const Seal& seal) = 0;
};

template <class Body, class Fields>
class SealableAnswer final : public Answer {
 public:
  explicit SealableAnswer(http::response<Body, Fields> response) : response_(std::move(response)) {}

  http::message_generator seal(const Seal& seal) override {
    const bool keep_alive = seal.keep_alive && response_.keep_alive();
    response_.version(seal.version);
    response_.prepare_payload();
    response_.keep_alive(keep_alive);
    if (response_.need_eof()) {
      response_.keep_alive(false);
    }
    if (seal.head) {
      return http::response<http::empty_body, Fields>(std::move(response_.base()));
    }
    return std::move(response_);
  }

 private:
  http::response<Body, Fields> response_;
};

/// What a handler answers a request with, now or later, from any thread. Move-only. Destroyed unanswered, it
/// answers 500. Holds the request's permit in the server's work scope.
class Responder {
 public:
  Responder(std::weak_ptr<HttpSession> session, boost::asio::any_io_executor executor, Permit permit);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  /// Adds what the connection needs: Content-Length, Connection. Only the first answer counts.
  template <class Body, class Fields>
  void send(http::response<Body, Fields> response) {
    answer(std::make_unique<SealableAnswer<Body, Fields>>(std::move(response)));
  }

  void send(http::status status, std::string body,
            std::string_view content_type = "text/plain; charset=utf-8");

  /// 503 with Retry-After and `Connection: close`, for what cannot be done here any more (contract LC208).
  void refuse();

  /// Answers with a stream of Server-Sent Events.
  [[nodiscard]] EventStream stream_events();

  /// Answers by becoming a WebSocket; 426 if `request` does not ask for one.
  void upgrade(Request request, WebSocketHandler handler);

  /// For work that goes on after the answer.
  [[nodiscard]] Permit fork(std::string_view label = {}) const { return permit_.fork(label); }

  /// The connection's strand, for a handler's timers.
  [[nodiscard]] const boost::asio::any_io_executor& executor() const { return executor_; }

 private:
  void answer(std::unique_ptr<Answer> answer);

  std::weak_ptr<HttpSession> session_;
  boost::asio::any_io_executor executor_;
  Permit permit_;
};

struct HttpServerOptions {
  std::string name = "http";  ///< of its steps and its work scope
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  unsigned threads = 2;
  std::size_t max_connections = 10'000;  ///< further ones wait in the kernel's queue
  std::uint32_t header_limit = 16U << 10U;
  std::uint64_t body_limit = 1U << 20U;                ///< of a request, or of a WebSocket message
  Duration header_timeout = std::chrono::seconds(10);  ///< from the first byte of a head to its last
  Duration body_timeout = std::chrono::seconds(60);
  Duration idle_timeout = std::chrono::seconds(75);  ///< without a request; also a client that takes no bytes

  /// Answer /health/live, /health/ready and /api/health from Coordinator::health(), on this port. A probe
  /// that must also reach a server whose listener is closed needs lastcall/admin.h.
  bool health = true;

  std::string websocket_notice{};  ///< sent as a text message before the Close 1001 of a shutdown
  Duration websocket_close_wait = std::chrono::seconds(5);  ///< for the reply to a Close
};

/// Any thread. The coordinator outlives it, and it outlives Coordinator::run().
class HttpServer {
 public:
  /// Called on the server's threads, for several requests at the same time. An exception is answered with
  /// 500.
  using Handler = std::function<void(Request, Responder)>;

  /// Serves from now on. Error: the address cannot be had; as Coordinator::add_server().
  [[nodiscard]] static Result<HttpServer> create(Coordinator& coordinator, HttpServerOptions options,
                                                 Handler handler);

  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const;

  /// Open connections, WebSockets among them.
  [[nodiscard]] std::size_t connections() const;

 private:
  class Running;

  explicit HttpServer(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace lastcall::beast
