// Server: the admin listener, alive to the very end (LC103): probes, metrics and status over HTTP/1.1,
// read-only, one request a connection; or the control socket, for who may know and change more. It shares the
// control loop and must never hold it up: every read and answer is bounded, and connections beyond the bound
// push out the oldest, so that a probe always gets through. Control thread only.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "admin/connection.h"
#include "admin/control.h"
#include "admin/source.h"
#include "base/time.h"
#include "net/loop.h"

namespace lastcall::admin {

class Server final : private net::Handler, private Connection::Owner {
 public:
  static constexpr std::size_t kMaxConnections = 64;
  static constexpr Duration kLifetime = 5s;  ///< of a connection, its lingering close included

  /// Serves from now on. `loop` and `source` outlive it.
  Server(net::Loop& loop, sys::UniqueFd listener, const Source& source);

  /// On a control socket: what admin/control.h has instead. `control` outlives it.
  Server(net::Loop& loop, sys::UniqueFd listener, Control& control);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// For the control loop's hook: ends what is overdue and says when to be called again.
  [[nodiscard]] Time tick(Time now);

  /// The last thing: answers those that wait for the end. What does not go out at once is lost.
  void release_held(const Response& response);

  /// When a readiness probe was last told 503.
  [[nodiscard]] std::optional<Time> last_failed_probe() const { return last_failed_probe_; }

  [[nodiscard]] std::size_t connections() const { return connections_.size(); }

 private:
  void on_events(std::uint32_t events) override;
  [[nodiscard]] Response answer_to(const Request& request) override;
  void over(Connection& connection) override;

  [[nodiscard]] Connection* oldest() const;
  void watch_listener();
  void welcome(sys::UniqueFd fd);

  net::Loop& loop_;
  sys::UniqueFd listener_;
  const Source* const source_ = nullptr;                  ///< null on a control socket
  Control* const control_ = nullptr;                      ///< null elsewhere
  std::vector<std::unique_ptr<Connection>> connections_;  ///< the oldest first
  std::optional<Time> accepting_again_;                   ///< set while the listener is not watched
  std::optional<Time> last_failed_probe_;
};

}  // namespace lastcall::admin
