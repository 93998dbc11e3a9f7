// Fleet: the replicas of a server and the balancer in front of them, on ports of their own that stay the same
// from start to start. Does what it is told, and says how far it is. One thread, the loop's.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "check/balancer.h"
#include "check/replica.h"
#include "check/rolling_plan.h"
#include "net/loop.h"

namespace lastcall::check {

class Fleet {
 public:
  /// `plan` outlives it.
  Fleet(const RollingPlan& plan, net::Loop& loop);

  /// Error: status 2.
  Result<void> start_replicas(Time now);

  /// Error: as Balancer::start.
  Result<void> start_balancer();

  /// From now on routed() is about this replica; nothing: about them all, and whether users are answered.
  void ask_routing(std::optional<std::size_t> replica, Time now);

  /// The balancer sends to whom was asked for, as far as it can be known.
  [[nodiscard]] bool routed(Time now) const;

  /// Something that ended though nobody told it to; `told` was. Its exit status is 1 for a replica that
  /// served before, else 2.
  [[nodiscard]] std::optional<Error> lost(std::optional<std::size_t> told) const;

  /// What to say if routed() does not come true.
  [[nodiscard]] Error not_routed() const;

  [[nodiscard]] bool all_ready() const;

  /// What to say if that does not come true.
  [[nodiscard]] Error not_ready() const;

  /// To be called between the loop's batches; returns when it wants to be called again.
  Time tick(Time now);

  /// Kills everything.
  void end();

  [[nodiscard]] bool gone() const;

  [[nodiscard]] Replica& replica(std::size_t index) { return *replicas_[index]; }

  [[nodiscard]] const Balancer& balancer() const { return balancer_; }

 private:
  void ask(Scenario scenario, Time now);

  const RollingPlan& plan_;
  net::Loop& loop_;
  Balancer balancer_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<std::unique_ptr<Question>> questions_;
  Time routed_at_earliest_{};
};

}  // namespace lastcall::check
