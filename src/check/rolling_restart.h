// RollingRestart: replicas of a server behind a balancer, loaded through it and restarted one after another:
// signalled, awaited, started again, and the next one once the balancer sends to it again. Gathers the
// evidence; judge/rolling.h says what it means. One thread, which it keeps until the end.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/result.h"
#include "check/fleet.h"
#include "check/interrupt.h"
#include "check/load.h"
#include "check/progress.h"
#include "check/rolling_plan.h"
#include "judge/rolling.h"
#include "net/loop.h"

namespace lastcall::check {

class RollingRestart {
 public:
  struct Progress {
    std::string what;        ///< "restart 3 of 20: replica 2"
    std::string_view phase;  ///< "stops"
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
  };

  /// `show` is told some times a second how it goes.
  RollingRestart(RollingPlan plan, std::function<void(const Progress& progress)> show);
  RollingRestart(const RollingRestart&) = delete;
  RollingRestart& operator=(const RollingRestart&) = delete;

  /// Once. Nothing that it started is left afterwards. Error: status 2, a replica or the balancer could not
  /// be started; 1, a replica ended by itself; 130, interrupted by a signal.
  Result<judge::RollingEvidence> run();

 private:
  enum class Stage : std::uint8_t {
    starting,   ///< all replicas, for the first time
    joining,    ///< the balancer finds them
    warming,    ///< load, before anything is restarted
    stopping,   ///< one replica has been signalled
    clearing,   ///< it has exited; what it left behind is killed
    returning,  ///< it was started again
    rejoining,  ///< it is ready; the balancer finds it
    resting,    ///< until the next restart
    cooling,    ///< nothing new is begun; what is under way may end
    ending,     ///< everything is killed
  };

  Time tick(Time now);
  Time step(Time now);
  Time await_replicas(Time now);
  Time await_balancer(Time now);
  Time warm_up(Time now);
  Time begin_restart(Time now);
  Time await_exit(Time now);
  Time await_gone(Time now);
  Time await_ready(Time now);
  Time await_return(Time now);
  Time rest(Time now);
  Time cool_down(Time now);
  Time end(Time now);
  Time enter(Stage stage, Time now);
  Time give_up(Error error);
  void look_for_losses();
  void report_progress(Time now);
  [[nodiscard]] std::string_view phase() const;
  [[nodiscard]] judge::RollingEvidence evidence() const;

  const RollingPlan plan_;
  const std::function<void(const Progress& progress)> show_;
  std::mt19937_64 random_;
  net::Loop loop_;
  Interrupt interrupt_;
  Fleet fleet_;
  Load load_;
  ProgressMeter meter_;
  std::vector<std::size_t> round_;  ///< replicas not yet restarted in this round, the next one last
  std::size_t at_ = 0;              ///< the replica that is being restarted
  std::vector<judge::Restart> restarts_;
  Stage stage_ = Stage::starting;
  Time entered_{};
  Duration pause_{};
  Time next_progress_{};
  std::optional<Error> error_;
};

}  // namespace lastcall::check
