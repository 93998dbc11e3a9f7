// Lingering: the ends of connections after our half-close, on one thread for all of them, so that a client
// which does not close holds none of those that serve. It reads and discards until the client has closed:
// closing with unread bytes would reset the connection, and with it the last response (RFC 9112 §9.6).
#pragma once

#include <memory>
#include <thread>
#include <unordered_map>

#include "connections.h"
#include "net/loop.h"
#include "net/timeouts.h"

namespace lastcall::httplib {

class Lingering {
 public:
  Lingering();

  /// Closes what is left.
  ~Lingering();

  /// Half-closes, and keeps the connection until it has ended. Any thread.
  void take(std::shared_ptr<Connection> connection, bool was_idle);

 private:
  class End;

  void begin(std::shared_ptr<Connection> connection);
  void on_events(End& end);
  void close(End& end);
  [[nodiscard]] Time tick(Time now);

  std::unordered_map<End*, std::unique_ptr<End>> ends_;
  net::TimeoutQueue silent_;
  net::TimeoutQueue all_;
  net::Loop loop_;
  std::thread thread_;  ///< the last member: it uses all others
};

}  // namespace lastcall::httplib
