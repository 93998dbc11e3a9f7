// A rolling restart: what the users of a balancer saw while the replicas behind it were restarted one after
// another. The evidence, its verdict, and the rule between them. Data and a pure function. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "judge/observation.h"
#include "judge/verdict.h"

namespace lastcall::judge {

/// What was set up.
struct RollingSetup {
  std::string title;                    ///< "bare", or empty
  std::vector<std::string> command;     ///< of each replica
  std::string balancer;                 ///< "haproxy" or "nginx"
  std::vector<std::string> settings{};  ///< the balancer's own that decide what users see, one a line
  std::uint32_t replicas = 0;
  std::uint32_t restarts = 0;  ///< that were asked for
  double rate = 0;             ///< requests per second, all users together
  std::uint64_t seed = 0;
};

/// One replica, stopped and started again.
struct Restart {
  std::uint32_t replica = 1;  ///< from 1
  Time signalled{};
  Time exited{};
  Time ready{};      ///< it answered again
  Time routed{};     ///< the balancer sends to it again
  std::string exit;  ///< "exit 0", "died of SIGTERM", "killed after 30 s"
};

struct RollingEvidence {
  RollingSetup setup;
  std::vector<Flow> flows{};
  std::vector<Restart> restarts{};
  std::vector<Observation> observations{};  ///< of users, who know only the balancer
};

struct RollingVerdict {
  /// From the signal until the next replica's.
  struct Step {
    std::uint32_t replica = 1;
    std::string exit;
    Duration took{};  ///< from the signal to the exit
    Duration back{};  ///< from the signal until the balancer sent to it again
    Tally seen;
  };

  struct FlowTally {
    std::string name;
    Tally seen;
  };

  RollingSetup setup;
  Status status = Status::inconclusive;
  std::string summary;     ///< one line: what users saw, or why nothing can be said
  Tally before;            ///< attempts that ended before the first signal
  Tally seen;              ///< and from then on
  double upper_bound = 1;  ///< the share of lost requests is at most this, with 95 % confidence
  std::vector<FlowTally> flows{};
  std::vector<Step> steps{};
  std::optional<std::size_t> worst{};  ///< the step with the most errors, if there are any
  std::vector<Evidence> evidence{};    ///< `trial` is the number of the restart, from 1
  Lag lag;
};

/// All that a user does not want to see: attempts without a whole answer below 500, refused ones included:
/// behind a balancer nobody else can be asked.
[[nodiscard]] std::uint64_t errors(const Tally& seen);

[[nodiscard]] RollingVerdict judge(const RollingEvidence& evidence);

}  // namespace lastcall::judge
