// ListenerClose: closes a listening socket without resetting anybody (LC201). A state machine that owns
// neither loop nor timer: its owner goes on accepting, calls step() when told to, and ends with finish().
// Used by the proxy, by check's own servers and by the library's adapters alike. All calls come from one
// thread; others may accept meanwhile, until finish(). A socket that another process accepts from too is no
// business of ours: set Options::shared, and only our copy is closed.
#pragma once

#include <cstdint>
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
    bool overflowed_lately = false;  ///< SYN cookies or queue overflows within the last minute (SynPressure)
    bool ifindex_works = true;       ///< result of self_test(), asked once at start-up
    Duration min_wait = 100ms;       ///< for a SYN that another processor is just looking up
    Duration cap = 3s;               ///< spoofed SYNs keep entries for 63 s: never wait for those
  };

  /// How the close was done, for the report.
  enum class Method : std::uint8_t {
    shared,       ///< only our copy was closed
    unix_socket,  ///< SHUT_RD: exact
    ifindex,      ///< new SYNs were refused at once
    filter,       ///< new SYNs were dropped; their clients were refused at the retransmission, a second later
    quiet_period,  ///< nothing could stop new SYNs: closed at an instant at which none was seen
  };

  /// Stops new connections where that can be done. Asks the kernel for the handshakes in flight, which takes
  /// about 1 ms.
  ListenerClose(int listener, const Options& options, Time now);

  /// The largest round trip of live connections, once known: the minimum wait is twice that.
  void allow_round_trip(Duration rtt);

  /// Looks at the queues. When to call again, or nothing once no handshake is left (or the cap is reached).
  [[nodiscard]] std::optional<Time> step(Time now);

  /// Accepts what is queued, hands each connection to `on_accept`, and closes the socket.
  void finish(sys::UniqueFd listener,
              const std::function<void(sys::UniqueFd, const sys::Address&)>& on_accept);

  [[nodiscard]] Method method() const { return method_; }

  /// Handshakes that were in flight when new connections were stopped: these a plain close() would have
  /// reset.
  [[nodiscard]] int found() const { return found_; }

  /// Clients that the close may have reset: handshakes still open at the end, because of the cap, of a force
  /// or because nothing could stop new ones; and connections that we had no room for.
  [[nodiscard]] int left() const { return left_; }

  /// Whether SO_BINDTOIFINDEX does here what it must: binds a throw-away loopback listener and expects
  /// ECONNREFUSED.
  [[nodiscard]] static bool self_test();

 private:
  enum class Stage : std::uint8_t { accepting, waiting, done };

  void close_tcp(Time now);
  void stop_new_connections(Time now);
  void wait_for_handshakes(Method method, Duration min_wait, Time now);
  std::optional<Time> look(Time now);
  std::optional<Time> wait_blindly(Time now);
  std::optional<Time> done();

  int listener_;
  Options options_;
  Method method_ = Method::quiet_period;
  Stage stage_ = Stage::done;
  Time since_;  ///< when the present stage began
  Duration min_wait_;
  int empty_looks_ = 0;
  int found_ = 0;
  int left_ = 0;
};

std::string_view to_string(ListenerClose::Method method);

}  // namespace lastcall::net
