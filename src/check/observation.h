// Observation: what one client saw of one attempt, judged by errno and bytes alone; and tallies of many. Data
// and pure functions; it neither loads nor judges.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"

namespace lastcall::check {

/// How an attempt ended.
enum class Outcome : std::uint8_t {
  ok,         ///< a whole response below 500, as expected; for a resting connection: closed without a reset
  refused,    ///< connect() was refused: nothing was promised, the client can safely go elsewhere
  reset,      ///< connect() was reset or succeeded, then the connection broke before a byte of the response
  eof,        ///< closed in good order, before a byte of the response
  truncated,  ///< broken off or closed within the response
  server_error,  ///< a whole response, 500 or above
  timeout,       ///< no whole response in time
  wrong,         ///< a response that is malformed, of an unexpected status or size
  unsent,        ///< never tried: the load client itself was out of clients, ports or descriptors
};

inline constexpr std::size_t kOutcomes = 9;

[[nodiscard]] std::string_view to_string(Outcome outcome);

struct Observation {
  std::uint32_t flow = 0;  ///< index into Scenario::flows
  Outcome outcome = Outcome::ok;
  bool reused = false;      ///< on a connection that had served a request before
  std::int16_t status = 0;  ///< of the response; 0: none
  int error = 0;            ///< errno that ended it; 0: none
  Time intended{};          ///< when it should have begun
  Time started{};           ///< when it did
  Time ended{};
  std::uint64_t sent = 0;      ///< bytes of the request that the kernel took
  std::uint64_t received = 0;  ///< bytes of the response

  bool operator==(const Observation&) const = default;
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

[[nodiscard]] Lag lag(std::span<const Observation> observations);

}  // namespace lastcall::check
