// A shutdown on a hand-moved time for the tests of the coordinator: what it does is told in words.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/units.h"
#include "drain/coordinator.h"

namespace lastcall::drain {

inline constexpr StepId kListener = 0;
inline constexpr StepId kRequests = 1;
inline constexpr StepId kApp = 2;
inline constexpr StepId kLinger = 3;

/// drain deadline at 20 s, deadline at 29 s.
inline constexpr BudgetPlan kPlan{
    .grace = 30s, .drain = 20s, .app_stop = 9s, .reserve = 1s, .idle_grace = 1s};
inline constexpr LameDuck kLameDuck{.min = 3s, .quiet = 2s, .max = 8s};

inline std::vector<StepSpec> wrapper_steps() {
  return {{.name = "listener"},
          {.name = "requests"},
          {.name = "app", .phase = Phase::stopping},
          {.name = "linger", .phase = Phase::stopping}};
}

inline BudgetPlan with_lame_duck() {
  BudgetPlan plan = kPlan;
  plan.lame_duck = kLameDuck;
  return plan;
}

/// A coordinator on a hand-moved time that starts at t = 0; what it does is told in words.
class Shutdown {
 public:
  explicit Shutdown(BudgetPlan plan = kPlan, std::vector<StepSpec> steps = wrapper_steps())
      : names_(names_of(steps)), coordinator_({.budget = plan, .steps = std::move(steps)}, Time{}) {}

  std::vector<std::string> at(Duration when, const Event& event) {
    std::vector<std::string> told;
    for (const Action& action : coordinator_.step(event, Time{} + when)) {
      told.push_back(std::visit(Words{names_}, action));
    }
    return told;
  }

  std::vector<std::string> tick(Duration when) { return at(when, Tick{}); }

  std::vector<std::string> ended(Duration when, StepId step, StepOutcome outcome = StepOutcome::done) {
    return at(when, StepEnded{.step = step, .outcome = outcome});
  }

  /// Serving since 0 s, SIGTERM at 0 s.
  std::vector<std::string> begin() {
    at(0s, Started{});
    return at(0s, Begin{.cause = "SIGTERM"});
  }

  [[nodiscard]] std::string wake() const {
    const Time wake = coordinator_.next_wake();
    return wake == Time::max() ? "never" : print_duration(wake.time_since_epoch());
  }

  [[nodiscard]] const Coordinator& coordinator() const { return coordinator_; }

 private:
  static std::vector<std::string> names_of(const std::vector<StepSpec>& steps) {
    std::vector<std::string> names;
    std::ranges::transform(steps, std::back_inserter(names), &StepSpec::name);
    return names;
  }

  struct Words {
    const std::vector<std::string>& names;

    std::string operator()(const EnterPhase& what) const {
      return "enter " + std::string(to_string(what.phase));
    }

    std::string operator()(const Announce&) const { return "announce"; }

    std::string operator()(const StartStep& what) const {
      return "start " + names[what.step] + " until " + print_duration(what.deadline.time_since_epoch());
    }

    std::string operator()(const AbandonStep& what) const {
      return "abandon " + names[what.step] + ": " + what.reason;
    }

    std::string operator()(const SkipStep& what) const {
      return "skip " + names[what.step] + ": " + what.reason;
    }

    std::string operator()(const Abort&) const { return "abort"; }

    std::string operator()(const Finish&) const { return "finish"; }
  };

  std::vector<std::string> names_;
  Coordinator coordinator_;
};

inline std::vector<StepReport> steps_of(const Shutdown& shutdown) {
  return shutdown.coordinator().report().steps;
}

}  // namespace lastcall::drain
