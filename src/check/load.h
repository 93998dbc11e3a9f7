// Load: carries out a Scenario against a server and remembers what every attempt came to. Open-loop flows are
// due at instants fixed beforehand, so that a slow server meets as many requests as a fast one; what a late
// client adds itself is measured (lag). One thread, the loop's; its owner calls tick() after every batch and
// decides when the server is signalled.
#pragma once

#include <deque>
#include <memory>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include "check/client.h"
#include "check/scenario.h"
#include "judge/observation.h"
#include "net/loop.h"
#include "net/timeouts.h"

namespace lastcall::check {

class Load final : private Client::Owner {
 public:
  Load(Scenario scenario, net::Loop& loop);
  ~Load() override;
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void start(Time now);

  /// Begins what is due; returns when it wants to be called again.
  Time tick(Time now);

  /// The server has been told to stop: from now on a connection that rests and ends is not replaced. How late
  /// the client was before, while the server was warming up, says nothing of what follows.
  void note_signal();

  /// Begins nothing more and lets resting and kept connections go; attempts under way go on.
  void stop();

  /// Ends what is still under way after stop(), as not answered in time.
  void abandon();

  /// Attempts under way, resting ones not counted.
  [[nodiscard]] std::size_t under_way() const;

  /// A flow at this instant.
  struct FlowState {
    std::size_t in_flight = 0;  ///< attempts under way; of a kind that rests, those that do rest
    std::uint64_t good = 0;     ///< attempts so far that were answered well, or came to rest
  };

  [[nodiscard]] const FlowState& state(std::uint32_t flow) const { return running_[flow].state; }

  /// Everything that has ended so far, in the order of the ends.
  [[nodiscard]] const std::vector<judge::Observation>& observations() const { return observations_; }

  /// Kept connections that the server has ended while nothing was asked on them, in the order of the ends.
  [[nodiscard]] const std::vector<judge::Departure>& departures() const { return departures_; }

  /// The client itself was the bottleneck: in some second more than one attempt in ten began over
  /// kTolerableLag late or could not be begun. What it measured then is its own slowness as much as the
  /// server's. (A single stall of a busy machine is none: that makes a few in a hundred late.)
  [[nodiscard]] bool saturated() const { return saturated_; }

  [[nodiscard]] const Scenario& scenario() const { return scenario_; }

  /// Then it stops by itself, saturated.
  static constexpr std::size_t kMaxObservations = 4'000'000;
  static constexpr std::size_t kMaxBacklog = 10'000;  ///< due attempts of a flow that wait for a free client
  static constexpr Duration kBackoff = 100ms;         ///< of a closed-loop client after a failure
  static constexpr Duration kTolerableLag = 20ms;

 private:
  struct Running {
    Running(std::uint32_t at, const Flow& of) : index(at), flow(&of), timeouts(of.timeout) {}

    const std::uint32_t index;
    const Flow* const flow;
    net::TimeoutQueue timeouts;
    std::vector<std::unique_ptr<Client>> clients{};
    std::deque<Client*> free{};  ///< open loop: the longest free first
    std::deque<Time> due{};      ///< open loop: intended instants not begun yet
    Time next = Time::max();     ///< open loop: the next intended instant
    FlowState state{};
  };

  /// A client's wake_at() when it was entered; if that has changed since, it counts no more.
  using Wake = std::pair<Time, Client*>;

  /// How punctual the client was within one second.
  struct Punctuality {
    Time since{};
    std::uint64_t begun = 0;
    std::uint64_t late = 0;
  };

  void observed(const judge::Observation& seen) override;
  void departed(const judge::Departure& seen) override;
  void rests(Client& client) override;
  void attempt_ended(Client& client, judge::Outcome outcome, bool rested) override;
  void wake_changed(Client& client) override;

  void start_flow(Running& running, Time now);
  void begin_due(Running& running, Time now);
  void begin(Running& running, Client& client, Time intended);
  void begin_at(Client& client, Time when);
  void wake_due(Time now);
  void time_out_due(Running& running, Time now);
  void note_unsent(std::uint32_t flow, Time intended, Time now);
  void note_punctuality(Time intended, Time now, bool begun);
  Duration gap(const Flow& flow);
  Duration draw(const Range& range);

  const Scenario scenario_;
  net::Loop& loop_;
  std::vector<char> scratch_;
  std::mt19937_64 random_;
  std::deque<Running> running_;  ///< one for each flow
  std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
  std::vector<judge::Observation> observations_;
  std::vector<judge::Departure> departures_;
  Punctuality punctuality_;
  bool saturated_ = false;
  bool signalled_ = false;
  bool stopped_ = false;
};

}  // namespace lastcall::check
