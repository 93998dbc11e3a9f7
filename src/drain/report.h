// DrainReport: what happened, as plain data (LC502). Rendering it is src/report's work. All times are
// relative to t0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "drain/phase.h"

namespace lastcall::drain {

struct PhaseSpan {
  Phase phase;
  Duration began{};  ///< since t0
  Duration lasted{};
};

struct StepReport {
  std::string name{};
  std::string outcome{};  ///< done, failed, abandoned, skipped
  bool courtesy = false;  ///< abandoning it lost nothing
  std::string detail{};   ///< why, if not done; what it noted, if it is
  Duration began{};
  Duration lasted{};
  std::string lost{};     ///< what was lost although it ended
  bool is_scope = false;  ///< the wait for a scope of work, whose own numbers WorkReport has
};

/// One exchange that was cut (LC303). No query string, no header, no body.
struct CutExchange {
  std::string method{};
  std::string path{};
  std::string client{};  ///< address without port
  Duration age{};
  std::uint64_t bytes_in = 0;   ///< request bytes received from the client
  std::uint64_t bytes_out = 0;  ///< response bytes sent to the client
  std::string reason{};         ///< "drain deadline", "forced"
};

/// One exchange in flight. No query string, no header, no body.
struct OpenExchange {
  std::string method{};
  std::string path{};
  std::string client{};      ///< address without port
  std::string_view stage{};  ///< what it is at, in a word: "held", "uploading", "waiting", …
  Duration age{};
  std::uint64_t bytes_in = 0;   ///< request bytes received from the client
  std::uint64_t bytes_out = 0;  ///< response bytes sent to the client
};

/// What was in flight, by kind, at one instant.
struct InFlight {
  std::uint64_t requests = 0;       ///< exchanges, tunnels not counted
  std::uint64_t uploads = 0;        ///< of these: the request body is still coming in
  std::uint64_t downloads = 0;      ///< of these: the response body is on its way
  std::uint64_t tunnels = 0;        ///< upgraded connections
  std::uint64_t idle = 0;           ///< keep-alive connections between requests
  std::uint64_t silent = 0;         ///< connections that never sent a byte
  std::uint64_t heads = 0;          ///< half-sent heads
  std::uint64_t websockets = 0;     ///< of the tunnels
  std::uint64_t event_streams = 0;  ///< of the downloads: Server-Sent Events
};

/// WebSockets that were sent a Close during the drain, by who answered it (LC206).
struct WebSocketsClosed {
  std::uint64_t closed = 0;         ///< both sides answered
  std::uint64_t client_silent = 0;  ///< the client did not answer in time
  std::uint64_t app_silent = 0;     ///< the client did, the app did not
};

/// What the proxy saw from t0 on.
struct TrafficReport {
  InFlight at_signal{};
  std::uint64_t finished = 0;  ///< exchanges that ended whole after t0
  std::uint64_t refused = 0;   ///< answered 503 because they could not be served any more
  /// Answered 502 or 504, or broken off by the app. Also before t0, if it ended unasked: what it took along.
  std::uint64_t failed = 0;
  std::uint64_t client_gone = 0;              ///< left by the client
  std::uint64_t cut = 0;                      ///< cut by us: all of them, listed or not
  std::vector<CutExchange> cuts{};            ///< the first kMaxCuts
  WebSocketsClosed websockets{};              ///< all of them finished, too
  std::uint64_t event_streams_ended = 0;      ///< by us, between two events; finished, too
  std::uint64_t accepted = 0;                 ///< connections accepted after t0
  std::uint64_t idle_closed = 0;              ///< idle connections that we half-closed
  std::uint64_t lost_race = 0;                ///< requests that arrived after our half-close (RFC 9112 §9.5)
  std::optional<Duration> last_connection{};  ///< t0 → last new connection that carried a request
  std::optional<Duration> last_probe{};       ///< t0 → last probe that was answered 503
  /// How the listener was closed: "bindtoifindex", "filter", "unix", "quiet period".
  std::string listener_close{};
  std::uint64_t handshakes_at_close =
      0;  ///< in flight when new connections were stopped: a plain close resets these
  std::uint64_t listener_left = 0;  ///< handshakes still open when the wait for them ended

  static constexpr std::size_t kMaxCuts = 100;
};

struct AppReport {
  bool started = false;
  bool exited_by_itself = false;            ///< before any signal of ours and t0, or by a crash
  bool signalled_by_others = false;         ///< it died of a stop signal that we had not sent yet
  std::optional<std::string> others_fix{};  ///< how to have lastcall alone signalled, if others were in it
  bool killed = false;                      ///< SIGKILL was needed
  std::optional<int> exit_status{};         ///< its exit status, if it exited
  std::optional<int> signal{};              ///< the signal it died of, if it did
  std::optional<Duration> signalled{};      ///< t0 → our signal to it
  std::optional<Duration> exited{};         ///< t0 → its exit
  std::uint64_t descendants_killed = 0;
};

/// One kind of work inside a service.
struct ScopeReport {
  std::string name{};
  std::uint64_t at_signal = 0;  ///< in flight at t0
  std::uint64_t finished = 0;   ///< ended by itself since
  std::uint64_t refused = 0;    ///< turned away by the closed scope
  std::uint64_t cut = 0;        ///< still in flight when time ran out
};

/// One piece of work that was cut.
struct CutWork {
  std::string scope{};
  std::string label{};  ///< empty: not named
  Duration age{};
};

/// A service's own part: what liblastcall saw from within.
struct WorkReport {
  std::vector<ScopeReport> scopes{};
  std::vector<CutWork> cuts{};  ///< the oldest kMaxCuts of those with a name
  bool left_running = false;    ///< a thread or a piece of work was still there at the end

  /// All scopes together, without a name.
  [[nodiscard]] ScopeReport total() const;

  static constexpr std::size_t kMaxCuts = 100;
};

struct LameDuckReport {
  bool entered = false;
  std::string ended_by{};  ///< "quiet", "max", "drain deadline", "force", or the cause that ended it
  std::optional<Duration> announced{};
  std::optional<Duration> ended{};
};

struct DrainReport {
  std::string cause{};
  std::vector<std::string> further_causes{};  ///< repeated signals, forces
  bool forced = false;
  std::string force_cause{};
  Duration grace{};
  Duration drain_deadline{};  ///< since t0
  Duration deadline{};        ///< since t0
  Duration took{};
  std::vector<PhaseSpan> phases{};
  LameDuckReport lame_duck{};
  std::vector<StepReport> steps{};
  TrafficReport traffic{};
  AppReport app{};
  std::optional<WorkReport> work{};  ///< of a service; then there is neither traffic nor an app
  int exit_status = 0;

  /// LC501: nothing cut, lost, abandoned or killed, nothing failed, and not forced; nor did the app end by
  /// itself with a failure, or before its turn with requests that it still owed an answer.
  [[nodiscard]] bool clean() const;
};

}  // namespace lastcall::drain
