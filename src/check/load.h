// Load: carries out a Scenario against a server and remembers what every attempt came to. Open-loop flows are
// due at instants fixed beforehand, so that a slow server meets as many requests as a fast one; what a late
// client adds itself is measured (lag). One thread, the loop's; its owner calls tick() after every batch and
// says when the signal was sent.
#pragma once

#include <deque>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "check/client.h"
#include "check/scenario.h"
#include "judge/observation.h"
#include "net/loop.h"

namespace lastcall::check {

class Load final : public Client::Owner {
 public:
  Load(Scenario scenario, net::Loop& loop);
  ~Load() override;
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void start(Time now);

  /// Begins what is due; returns when it wants to be called again.
  Time tick(Time now);

  /// Begins nothing more and lets resting clients go; attempts under way go on.
  void stop();

  /// Attempts under way, resting clients not counted.
  [[nodiscard]] std::size_t under_way() const;

  /// Everything that has ended so far, in the order of the ends.
  [[nodiscard]] const std::vector<judge::Observation>& observations() const { return observations_; }

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }

  static constexpr std::size_t kMaxObservations = 4'000'000;  ///< then it stops by itself
  static constexpr std::size_t kMaxBacklog = 10'000;  ///< due attempts of a flow that wait for a free client
  static constexpr Duration kBackoff = 100ms;         ///< of a closed-loop client after a failure

 private:
  struct Running {
    std::uint32_t index;
    const Flow* flow;
    std::vector<std::unique_ptr<Client>> clients{};
    std::deque<Client*> free{};  ///< open loop: the longest free first
    std::deque<Time> due{};      ///< open loop: intended instants not begun yet
    Time next = Time::max();     ///< open loop: the next intended instant
  };

  void attempt_ended(Client& client, const judge::Observation& seen) override;
  void connection_reset(Client& client, int error) override;
  void wake_changed(Client& client, Time before, Time when) override;
  void start_flow(Running& running, Time now);
  void begin_due(Running& running, Time now);
  void restart_due(Time now);
  void wake_due(Time now);
  void note_unsent(std::uint32_t flow, Time intended, Time now);
  Duration gap(const Flow& flow);

  const Scenario scenario_;
  net::Loop& loop_;
  std::unique_ptr<char[]> scratch_;
  std::mt19937_64 random_;
  std::deque<Running> running_;                  ///< one for each flow
  std::set<std::pair<Time, Client*>> wakes_;     ///< asked for by clients
  std::set<std::pair<Time, Client*>> restarts_;  ///< closed loop: when each free client begins again
  std::vector<judge::Observation> observations_;
  bool stopped_ = false;
};

}  // namespace lastcall::check
