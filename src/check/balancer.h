// Balancer: HAProxy or nginx in front of some replicas on loopback, configured as a sensible operator does: a
// request that a replica may have received is not sent to another but where that is the program's default,
// and nothing is tuned for restarts. Writes the configuration and runs the program. One thread, the loop's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "check/scenario.h"
#include "check/server_process.h"
#include "net/loop.h"

namespace lastcall::check {

enum class BalancerKind : std::uint8_t { haproxy, nginx };

[[nodiscard]] std::string_view to_string(BalancerKind kind);

struct BalancerPlan {
  BalancerKind kind = BalancerKind::haproxy;
  std::uint16_t port = 0;                 ///< of 127.0.0.1: where users connect
  std::vector<std::uint16_t> replicas{};  ///< their ports of 127.0.0.1
  std::string ready_path{};  ///< what HAProxy asks each replica for; empty: whether it accepts a connection
  std::string folder{};      ///< exists, is private, and nobody else writes there
};

/// The whole configuration file.
[[nodiscard]] std::string configuration(const BalancerPlan& plan);

/// The settings in it that decide what users see of a restart, one a line.
[[nodiscard]] std::vector<std::string> telling_settings(const BalancerPlan& plan);

class Balancer {
 public:
  /// nginx notices failures only, and then leaves a replica alone for so long (fail_timeout).
  static constexpr Duration kLeftAlone = 2s;

  Balancer(BalancerPlan plan, net::Loop& loop) : plan_(std::move(plan)), process_(loop) {}

  /// Once. Error: status 2 if the program is not there; 125 if it or its configuration cannot be made.
  Result<void> start(const std::vector<std::string>& environment);

  /// A request that is answered well if HAProxy, which probes, sends to this replica. Nothing for nginx,
  /// which cannot be asked.
  [[nodiscard]] std::optional<Scenario> routing_question(std::size_t replica) const;

  void end() { process_.end(); }

  [[nodiscard]] const BalancerPlan& plan() const { return plan_; }

  [[nodiscard]] const ServerProcess& process() const { return process_; }

 private:
  const BalancerPlan plan_;
  ServerProcess process_;
};

}  // namespace lastcall::check
