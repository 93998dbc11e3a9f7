// Observation: what one client saw of one attempt, told by errno and bytes alone; and tallies of many. Data
// and pure functions. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"

namespace lastcall::judge {

/// How an attempt ended.
enum class Outcome : std::uint8_t {
  ok,  ///< a whole response below 500, as expected; a resting connection: closed without a reset; a
       ///< WebSocket: a Close frame at a frame boundary, then the end; an event stream: ended at an event's
       ///< end and by the framing
  refused,    ///< nothing was promised, the client can safely go elsewhere: connect() was refused, or a
              ///< pipelined request stood behind a response that was the connection's last one
  reset,      ///< connect() was reset or succeeded, then the connection broke before a byte of the response
  eof,        ///< closed in good order, before a byte of the response; a WebSocket: without a Close frame
  truncated,  ///< broken off or closed within the response, the frame or the event
  server_error,  ///< a whole response, 500 or above
  timeout,       ///< no whole response in time
  wrong,         ///< a response that is malformed, of an unexpected status or size
  unsent,        ///< never tried: the load client itself was out of clients, ports or descriptors
};

inline constexpr std::size_t kOutcomes = 9;

[[nodiscard]] std::string_view to_string(Outcome outcome);

/// One attempt: a request and its response, or the whole life of a WebSocket or an event stream.
struct Observation {
  std::uint32_t flow = 0;  ///< index into the flows of the trial
  Outcome outcome = Outcome::ok;
  bool reused = false;  ///< on a connection that had served a request before
  bool told_to_leave =
      false;                 ///< the response said that it is the connection's last one: `Connection: close`,
                             ///< HTTP/1.0 without keep-alive, or a body that ends with the connection
  bool retry_after = false;  ///< the response had `Retry-After`; an event stream: sent a `retry:`
  std::int16_t status = 0;   ///< of the response; 0: none
  std::uint16_t close_code =
      0;            ///< of the server's Close frame (RFC 6455 §7.4), 1005 if it has no code; 0: no frame
  int error = 0;    ///< errno that ended it; 0: none
  Time intended{};  ///< when it should have begun
  Time started{};   ///< when it did
  Time connected = Time::max();  ///< when the connection stood, also if `reused`; Time::max(): never
  Time answered = Time::max();  ///< when the first byte of the response came, interim ones (1xx) not counted;
                                ///< Time::max(): never
  Time ended{};
  std::uint64_t sent = 0;      ///< bytes of the request that the kernel took
  std::uint64_t received = 0;  ///< bytes of the response

  bool operator==(const Observation&) const = default;
};

/// A kept connection (keep-alive, idle, silent) that the server ended while nothing was asked on it.
struct Departure {
  std::uint32_t flow = 0;
  Time at{};
  Time last_used{};            ///< the end of its last response, or when it was connected
  int error = 0;               ///< 0: FIN; else the errno, ECONNRESET for RST
  std::uint32_t answered = 0;  ///< requests answered on it; 0: it never sent a byte
  bool told_to_leave = false;  ///< its last response said so, or something (408) came before the end

  bool operator==(const Departure&) const = default;
};

struct Tally {
  std::array<std::uint64_t, kOutcomes> counts{};

  void add(Outcome outcome) { ++counts[static_cast<std::size_t>(outcome)]; }

  [[nodiscard]] std::uint64_t operator[](Outcome outcome) const {
    return counts[static_cast<std::size_t>(outcome)];
  }

  /// All but the unsent.
  [[nodiscard]] std::uint64_t attempts() const;

  /// Attempts that neither got their answer nor were refused.
  [[nodiscard]] std::uint64_t lost() const;
};

/// Those that ended at `from` or later, of one flow or of all.
[[nodiscard]] Tally tally(std::span<const Observation> observations, Time from,
                          std::optional<std::uint32_t> flow = std::nullopt);

/// Attempts of a flow that had begun and not ended at `instant`.
[[nodiscard]] std::uint64_t in_flight(std::span<const Observation> observations, std::uint32_t flow,
                                      Time instant);

/// How late the client itself was in beginning what was due: its own error of measurement.
struct Lag {
  Duration p99{};
  Duration max{};
};

/// Of what was due at `from` or later.
[[nodiscard]] Lag lag(std::span<const Observation> observations, Time from = Time::min());

}  // namespace lastcall::judge
