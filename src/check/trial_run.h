// TrialRun: one trial of a check: starts the server, or finds one that runs; loads it until every kind of
// work is in flight; signals it; watches to its end and a little longer; gathers the evidence. It judges
// nothing. Nothing of a server of ours is left afterwards. One thread, with a loop of its own.
#pragma once

#include <optional>
#include <random>

#include "base/result.h"
#include "check/interrupt.h"
#include "check/load.h"
#include "check/plan.h"
#include "check/probe.h"
#include "check/progress.h"
#include "check/server_start.h"
#include "check/watched_server.h"
#include "judge/trial.h"
#include "net/loop.h"

namespace lastcall::check {

class TrialRun {
 public:
  /// `plan` outlives the trial. `repeat`: the signal is sent twice.
  TrialRun(const Plan& plan, std::uint32_t number, bool repeat, ShowProgress show);

  /// Once. Error: status 2, the server did not start or ended before it was signalled; 130, interrupted.
  Result<judge::Trial> execute();

 private:
  enum class Stage : std::uint8_t {
    starting,  ///< waiting for an answer
    warming,   ///< loaded; waiting for the random instant
    aligning,  ///< waiting for one at which everything is in flight
    watching,  ///< signalled
    settling,  ///< the load is stopped; attempts under way may end
    ending,    ///< what is left of the server is being ended
  };

  Time tick(Time now);
  Time step(Time now);
  Time await_answer(Time now);
  Time warm_up(Time now);
  Time align(Time now);
  Time watch(Time now);
  Time settle(Time now);
  Time await_end(Time now);
  Time give_up(Error error);
  void enter(Stage stage, Time now);
  void start_load(Time now);
  void stop_load(Time now);
  void send_signal();
  Time report(Time now);
  Duration random_up_to(Duration most);

  [[nodiscard]] bool is_warm() const;
  [[nodiscard]] bool all_in_flight() const;

  const Plan& plan_;
  const std::uint64_t seed_;
  std::mt19937_64 random_;
  const sys::Address target_;
  net::Loop loop_;
  Interrupt interrupt_;
  WatchedServer server_;
  ServerStart start_;
  Load load_;
  std::optional<Prober> readiness_;
  std::optional<Prober> liveness_;
  const ShowProgress show_;
  ProgressMeter meter_;
  judge::Trial trial_;
  Stage stage_ = Stage::starting;
  Time entered_{};
  Time signal_at_ = Time::max();  ///< when the random instant has come
  bool aligned_ = false;          ///< everything was in flight when last looked at
  Time repeat_at_ = Time::max();
  bool repeat_;
  bool killed_ = false;
  Time next_report_{};
  std::optional<Error> error_;
};

}  // namespace lastcall::check
