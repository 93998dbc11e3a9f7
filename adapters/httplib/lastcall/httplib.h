// httplib::Server: a cpp-httplib server that stops without dropping a request. Routes, handlers and settings
// are cpp-httplib's own; connections are ours, because its stop() drops those that wait for a thread, keeps
// idle ones for five seconds and says `Connection: close` to none. Plain HTTP only, not its SSLServer.
#pragma once

#include <cstdint>
#include <httplib.h>
#include <memory>
#include <string>
#include <string_view>

#include "lastcall/coordinator.h"

namespace lastcall::httplib {

class Connection;
class ServerCore;

struct ServerOptions {
  /// Of its steps, "NAME listener" and "NAME connections", and of the scope that its requests count in.
  std::string name = "http";

  /// From the first byte of a request to the end of its head; past that the connection ends.
  Duration header_timeout = std::chrono::seconds(5);

  /// Further ones wait in the kernel's queue. cpp-httplib serves no descriptor above 1023.
  std::size_t max_connections = 900;
};

/// Set up by one thread, before start(). Handlers run on the threads of `new_task_queue`. One that never
/// returns is cut off from its client at the drain deadline and told in the report; its thread is not
/// ended, so end main() with lastcall::finish(). Requests that still wait for a thread shortly before that
/// deadline get 503, with nothing done for them, and are told in the report as lost.
class Server : public ::httplib::Server {
 public:
  /// `coordinator` must outlive it.
  explicit Server(Coordinator& coordinator, ServerOptions options = {});

  /// Cuts what is left, and waits for handlers that run.
  ~Server() override;

  /// Listens on "127.0.0.1:8080", ":8080" (every address) or "[::1]:0", serves from now on, and joins the
  /// shutdown. Returns the port. Error: the address cannot be had; it was started already; the shutdown has
  /// begun.
  Result<std::uint16_t> start(std::string_view address);

  /// As cpp-httplib's own, which this adapter needs for itself.
  Server& set_pre_routing_handler(HandlerWithResponse handler);
  Server& set_post_routing_handler(Handler handler);

  /// From their accept to their close.
  [[nodiscard]] std::size_t connections() const;

 private:
  // The shutdown stops it, and start() starts it.
  using ::httplib::Server::bind_to_any_port;
  using ::httplib::Server::bind_to_port;
  using ::httplib::Server::is_running;
  using ::httplib::Server::listen;
  using ::httplib::Server::listen_after_bind;
  using ::httplib::Server::stop;

  Result<void> join_shutdown();
  void adopt(int fd);
  [[nodiscard]] bool serve(Connection& connection);
  [[nodiscard]] bool serve_one(Connection& connection, bool last);
  [[nodiscard]] HandlerResponse admit(const ::httplib::Request& request, ::httplib::Response& response);
  void finish_head(const ::httplib::Request& request, ::httplib::Response& response);

  Coordinator& coordinator_;
  const ServerOptions options_;
  WorkScope& requests_;
  bool started_ = false;
  HandlerWithResponse pre_routing_;
  Handler post_routing_;
  std::shared_ptr<ServerCore> core_;  ///< with its steps, which may be abandoned
};

}  // namespace lastcall::httplib
