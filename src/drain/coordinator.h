// Coordinator: the one machine that walks a shutdown through its phases. Sans-I/O: events and the time go in,
// actions and the next wake-up come out. It never waits, never reads a clock, never touches a socket or a
// process; a driver (the wrapper's loop, later the library's threads) carries the actions out and reports
// back. Single-threaded.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "drain/budget.h"
#include "drain/phase.h"
#include "drain/report.h"

namespace lastcall::drain {

using StepId = std::size_t;  ///< index into Coordinator::Options::steps

/// One ordered piece of a shutdown: "listener", "requests", "app", later "database" (LC402).
struct StepSpec {
  std::string name;
  Phase phase = Phase::draining;      ///< draining or stopping
  std::vector<std::string> after{};   ///< names of steps of the same phase that must have ended first
  Duration budget = Duration::max();  ///< own limit; the step gets min(this, what is left of its phase)
};

enum class StepOutcome : std::uint8_t { done, failed, abandoned, skipped };

/// Why a shutdown began and what that changes.
struct Begin {
  std::string cause;                     ///< "SIGTERM", "app exited with status 3", …
  bool lame_duck = true;                 ///< false: nobody can be served by waiting (the app is gone)
  Duration drain_cap = Duration::max();  ///< a shorter drain than the plan's
};

// Events.
struct Started {};  ///< the app is ready: starting → serving

struct Redialled {};  ///< a connection accepted after the announcement brought a request

struct Force {
  std::string cause;
};  ///< cut and kill what is left (LC102)

struct StepEnded {
  StepId step;
  StepOutcome outcome = StepOutcome::done;
  std::string detail{};
};

struct Tick {};  ///< the time of next_wake() has come

using Event = std::variant<Started, Begin, Redialled, Force, StepEnded, Tick>;

// Actions, in the order in which they are to be carried out.
struct EnterPhase {
  Phase phase;
};  ///< lame_duck and draining turn readiness red

struct Announce {};  ///< answers carry `Connection: close` from now on; listener still open

struct StartStep {
  StepId step;
  Time deadline;
};

struct AbandonStep {
  StepId step;
  std::string reason;
};  ///< cut it; its StepEnded may follow and changes nothing

struct Finish {};  ///< phase stopped: render the report and exit

using Action = std::variant<EnterPhase, Announce, StartStep, AbandonStep, Finish>;

class Coordinator {
 public:
  struct Options {
    BudgetPlan budget;
    std::vector<StepSpec> steps;
  };

  Coordinator(Options options, Time now);

  /// Feeds one event. A Begin after the first, a Redialled outside the lame duck, a StepEnded for an ended
  /// step and a Force with no shutdown under way (it begins one, forced) are all legal and idempotent.
  /// Contract:
  ///  - Begin while serving: lame duck if max > 0 (Announce at t0 + min, draining when quiet or at max), else
  ///  Announce
  ///    and draining at once. LC105: draining's steps all ended → stopping in the same call.
  ///  - Begin while starting: Announce, then draining and stopping steps all start at once; no lame duck
  ///  (LC101).
  ///  - A stopping step whose StepEnded came earlier (the app died by itself) counts as ended and is never
  ///  started.
  ///  - At the drain deadline each running draining step is abandoned, "drain deadline", and stopping begins.
  ///  - At the deadline each running stopping step is abandoned, "deadline"; the coordinator then waits for
  ///  its StepEnded
  ///    (a killed app must be reaped) no longer than `kLastWait`, then finishes.
  ///  - Force: every running step is abandoned at once and nothing new waits; stopping steps start already
  ///  abandoned
  ///    (StartStep with deadline now, then AbandonStep).
  ///  - A failed or abandoned step releases the steps that name it in `after`.
  std::vector<Action> step(const Event& event, Time now);

  /// When to send the next Tick; Time::max() when nothing is waited for.
  [[nodiscard]] Time next_wake() const;

  [[nodiscard]] Phase phase() const;
  [[nodiscard]] bool begun() const;
  [[nodiscard]] bool forced() const;
  [[nodiscard]] const BudgetPlan& plan() const;

  /// The instants of the shutdown under way; only once begun().
  [[nodiscard]] const Budget& budget() const;

  /// What the coordinator itself knows: causes, phases, lame duck, steps. Traffic and app are filled in by
  /// the driver.
  [[nodiscard]] DrainReport report() const;

  static constexpr Duration kLastWait = 500ms;

 private:
  // (implementation)
};

}  // namespace lastcall::drain
