// Ledger: what the sums of the drain report may be, by what clients, app and kernel saw: the least and the
// most of each. What one instant decides this way or that counts for the most alone. Knows nothing of the
// report, and judges nothing. ledger.cc: exchanges; ledger_connections.cc: connections.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/simulation.h"

namespace lastcall::sim {

struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;

  void add(bool may_be, bool must_be) {
    most += std::uint64_t{may_be};
    least += std::uint64_t{must_be};
  }

  [[nodiscard]] bool holds(std::uint64_t sum) const { return least <= sum && sum <= most; }
};

/// The instants by which an event is told from another.
struct Instants {
  Time t0;
  Time draining;  ///< the drain began, the lame duck over
  Time cut_from;  ///< from here on what is in flight is cut
  Time may_fail;  ///< from here on a request may remain without the app's answer
  Duration slack;
};

class Ledger {
 public:
  Ledger(const Evidence& evidence, const Instants& instants);

  // Exchanges that ended after t0.
  Range finished, refused, failed, client_gone, cut;
  Range ended;                              ///< all of these together
  Range closed, client_silent, app_silent;  ///< WebSockets

  // Connections.
  Range accepted, idle_closed, lost_race;

 private:
  /// What may have become of an exchange: a set.
  using Fates = unsigned;
  static constexpr Fates kFinished = 1;
  static constexpr Fates kRefused = 2;
  static constexpr Fates kFailed = 4;
  static constexpr Fates kClientGone = 8;
  static constexpr Fates kCut = 16;
  static constexpr Fates kUncounted = 32;  ///< it ended before t0, or was none
  static constexpr Fates kAny = 63;

  enum class Answer : std::uint8_t { no, maybe, yes };

  void note(Fates fates);
  void note_requests();
  void note_tunnels();
  void note_half_heads();
  void note_probes();
  [[nodiscard]] Fates fates(std::size_t request) const;
  [[nodiscard]] Fates fates_of_answer(int status, Time sent) const;
  [[nodiscard]] Fates fates_before(int status, Time sent) const;
  [[nodiscard]] Fates fates_of_lost(std::size_t request) const;
  [[nodiscard]] Fates fates_of_abandoned(std::size_t request) const;
  [[nodiscard]] Fates fates_of_tunnel(std::size_t number) const;
  [[nodiscard]] Fates uncounted_before(Time end) const;
  void note_closing(std::size_t tunnel);

  /// What arrived on a connection, as far as it matters for how that ended.
  struct Arrival {
    Time at;          ///< the first byte
    Answer answered;  ///< in whole, and not as the last, before the connection ended
  };

  void note_connections();
  void note_connection(const Endpoint& service, const std::vector<Arrival>& arrivals);
  [[nodiscard]] std::map<const Endpoint*, std::vector<Arrival>> arrivals() const;
  [[nodiscard]] Answer ended_idle(const Endpoint& service, const std::vector<Arrival>& arrivals) const;
  [[nodiscard]] Answer lost(const Endpoint& service, const std::vector<Arrival>& arrivals) const;

  const Evidence& evidence_;
  const Instants instants_;
};

}  // namespace lastcall::sim
