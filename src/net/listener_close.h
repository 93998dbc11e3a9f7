// ListenerClose: closes a listening socket without resetting anybody (LC201). A state machine that owns
// neither loop nor timer: its owner goes on accepting, calls step() when told to, and ends with finish().
// Used by the proxy, by check's own servers and by the library's adapters alike. Not for a socket shared with
// another process: set Options::shared, and it only stops accepting (exact).
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "sys/sys.h"

namespace lastcall::net {

class ListenerClose {
 public:
  struct Options {
    bool shared = false;             ///< inherited or passed on: others accept from it too
    bool overflowed_lately = false;  ///< SYN cookies or queue overflows within the last minute
    bool ifindex_works = true;       ///< result of self_test(), asked once at start-up
    Duration min_wait = 100ms;
    Duration cap = 3s;  ///< spoofed SYNs keep entries for 63 s: never wait for those
  };

  /// How the close was done, for the report.
  enum class Method { shared, unix_socket, ifindex, filter, quiet_period };

  /// Stops new connections where that can be done; call it on one thread while others may go on accepting.
  ListenerClose(int listener, const Options& options, Time now);

  /// The largest round trip of live connections, once known: the minimum wait is twice that.
  void allow_round_trip(Duration rtt);

  /// Looks at the queues. When to call again, or nothing once no handshake is left (or the cap is reached).
  [[nodiscard]] std::optional<Time> step(Time now);

  /// Accepts what is queued, hands each connection to `on_accept`, and closes the socket.
  void finish(sys::UniqueFd listener,
              const std::function<void(sys::UniqueFd, const sys::Address&)>& on_accept);

  [[nodiscard]] Method method() const { return method_; }

  /// Handshakes still open when the wait ended (only after the cap).
  [[nodiscard]] int left() const { return left_; }

  /// Whether SO_BINDTOIFINDEX does here what it must: binds a throw-away loopback listener and expects
  /// ECONNREFUSED.
  [[nodiscard]] static bool self_test();

 private:
  int listener_;
  Method method_;
  int left_ = 0;
  // (implementation)
};

std::string_view to_string(ListenerClose::Method method);

}  // namespace lastcall::net
