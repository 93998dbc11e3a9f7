// Coordinator: the one machine that walks a shutdown through its phases. Sans-I/O: events and the time go in,
// actions and the next wake-up come out. It never waits, never reads a clock, never touches a socket or a
// process; a driver (the wrapper's loop, later the library's threads) carries the actions out and reports
// back. Single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "drain/budget.h"
#include "drain/phase.h"
#include "drain/report.h"

namespace lastcall::drain {

using StepId = std::size_t;  ///< index into Coordinator::Options::steps

/// What becomes of a step whose turn comes when there is no time left, after its deadline or a force.
enum class Late : std::uint8_t {
  tell,       ///< it starts and is abandoned in the same call: being told is what cuts or kills
  skip,       ///< it is not begun: nobody could await it
  last_wait,  ///< it gets kLastWait all the same: logs
};

/// One ordered piece of a shutdown: "listener", "requests", "app", "database" (LC402).
struct StepSpec {
  std::string name;
  Phase phase = Phase::draining;  ///< draining or stopping
  std::uint8_t rank = 0;          ///< starts when all of a lower rank, in the same phase, are over
  std::vector<std::string>
      after{};            ///< names of steps, not of a later rank or phase, that must be over first
  bool courtesy = false;  ///< abandoning it loses nothing: the shutdown is clean all the same
  Duration budget = Duration::max();  ///< own limit; max(): its share of what is left of its phase
  Late late = Late::tell;
};

enum class StepOutcome : std::uint8_t { done, failed, abandoned, skipped };

/// Why a shutdown began and what that changes.
struct Begin {
  std::string cause;                     ///< "SIGTERM", "app exited with status 3", …
  bool lame_duck = true;                 ///< false: nobody can be served by waiting (the app is gone)
  Duration drain_cap = Duration::max();  ///< a shorter drain than the plan's
  std::optional<Time> at{};              ///< t0, if it came before the coordinator could be told
};

// Events.

/// The app is ready: starting → serving.
struct Started {};

/// A connection accepted after the announcement brought a request.
struct Redialled {};

/// Cut and kill what is left (LC102).
struct Force {
  std::string cause;
};

struct StepEnded {
  StepId step;
  StepOutcome outcome = StepOutcome::done;
  std::string detail{};
};

/// The time of next_wake() has come.
struct Tick {};

using Event = std::variant<Started, Begin, Redialled, Force, StepEnded, Tick>;

// Actions, in the order in which they are to be carried out.

/// lame_duck and draining turn readiness red.
struct EnterPhase {
  Phase phase;
};

/// Answers carry `Connection: close` from now on; the listener is still open.
struct Announce {};

struct StartStep {
  StepId step;
  Time deadline;
};

/// Cut it; its StepEnded may follow and changes nothing.
struct AbandonStep {
  StepId step;
  std::string reason;
};

/// It will not be started: its StepEnded is not expected.
struct SkipStep {
  StepId step;
  std::string reason;
};

/// Handlers are told to unwind, so that they need not be cut (LC302). Cuts nothing by itself.
struct Abort {};

/// Phase stopped: render the report and exit.
struct Finish {};

using Action = std::variant<EnterPhase, Announce, StartStep, AbandonStep, SkipStep, Abort, Finish>;

class Coordinator {
 public:
  struct Options {
    BudgetPlan budget;
    std::vector<StepSpec> steps;
  };

  Coordinator(Options options, Time now);

  /// Feeds one event; a time before that of an earlier call counts as the earlier one. Legal and harmless:
  /// a Begin after the first, a Redialled outside the lame duck, a StepEnded for an ended step, anything once
  /// stopped. A Force with no shutdown under way begins one.
  ///
  ///  - Begin while serving: lame duck if its max > 0 (Announce at t0 + min, draining when quiet or at max),
  ///    else draining and Announce at once.
  ///  - Begin while starting: no lame duck; draining, Announce, and the steps of both phases start at once
  ///    (LC101).
  ///  - A later Begin can only shorten: without lame duck it ends the one under way; its drain_cap, counted
  ///    from its own time, draws the drain deadline nearer. `deadline` never moves.
  ///  - The last draining step ends: stopping begins in the same call (LC105).
  ///  - StepEnded for a step not yet started (the app died by itself): it counts as ended, never starts.
  ///  - At the drain deadline every running draining step is abandoned, "drain deadline", and stopping
  ///    begins; at the deadline every running stopping step, "deadline"; any step at the end of its own
  ///    budget, "step budget".
  ///  - A stopping step without a budget of its own gets an equal share of what is left for each rank still
  ///    to come, its own included, so that a step that hangs leaves time for those after it; "step budget".
  ///  - A step over, whatever its outcome, releases those that wait for it. But one that is abandoned and has
  ///    not ended may still be using what they close: a step that names it in `after` is skipped, and so are
  ///    those that name the skipped one.
  ///  - Abort at the drain deadline less the plan's abort notice, or at once when forced, if the plan has
  ///    one; never once the drain is over.
  ///  - An abandoned stopping step is still awaited (a killed app must be reaped) for at most kLastWait, and
  ///    never into the second half of the reserve; then Finish.
  ///  - Force: every running step is abandoned, "forced", but one that is Late::last_wait at the end of a
  ///    last wait. Whatever had not started yet, now or after a deadline, follows its StepSpec::late.
  std::vector<Action> step(const Event& event, Time now);

  /// When to send the next Tick; Time::max() when nothing is waited for.
  [[nodiscard]] Time next_wake() const;

  [[nodiscard]] Phase phase() const { return phase_; }

  [[nodiscard]] bool begun() const { return budget_.has_value(); }

  [[nodiscard]] bool forced() const { return forced_; }

  [[nodiscard]] const BudgetPlan& plan() const { return plan_; }

  /// The instants of the shutdown under way; only once begun().
  [[nodiscard]] const Budget& budget() const;

  /// What the coordinator itself knows: causes, phases, lame duck, steps. Traffic and app are filled in by
  /// the driver.
  [[nodiscard]] DrainReport report() const;

  static constexpr Duration kLastWait = 500ms;
  static constexpr std::size_t kMaxFurtherCauses = 16;

 private:
  using Actions = std::vector<Action>;

  enum class StepState : std::uint8_t { pending, running, abandoned, ended };

  struct Step {
    StepSpec spec;
    std::vector<StepId> after{};
    StepState state = StepState::pending;
    StepOutcome outcome = StepOutcome::done;
    std::string detail{};
    Time began{};
    Time ended{};     ///< or abandoned
    Time deadline{};  ///< min(own budget, what was left of its phase) at its start

    bool unsafe = false;  ///< skipped, because one that it follows was abandoned

    [[nodiscard]] bool over() const { return state == StepState::abandoned || state == StepState::ended; }
  };

  struct PhaseEntry {
    Phase phase;
    Time at;
  };

  struct LameDuckEnd {
    Time at;
    std::string why;
  };

  void handle(const Started& event, Actions& out);
  void handle(const Begin& event, Actions& out);
  void handle(const Redialled& event, Actions& out);
  void handle(const Force& event, Actions& out);
  void handle(const StepEnded& event, Actions& out);
  void handle(const Tick& event, Actions& out);
  void begin_shutdown(const Begin& event, Actions& out);
  void cap_drain(Duration cap);
  void remember(const std::string& cause);

  void settle(Actions& out);
  void settle_abort(Actions& out);
  void settle_lame_duck(Actions& out);
  void settle_steps(Actions& out);
  bool start_ready(Actions& out);
  void skip(StepId id, std::string reason, Actions& out);
  bool abandon_overdue(Actions& out);
  void enter(Phase phase, Actions& out);
  void announce(Actions& out);

  [[nodiscard]] bool acyclic() const;
  [[nodiscard]] Time abort_at() const;
  [[nodiscard]] LameDuckEnd lame_duck_end() const;
  [[nodiscard]] bool ready(const Step& step) const;
  [[nodiscard]] bool over(Phase phase) const;
  [[nodiscard]] bool awaited(const Step& step) const;
  [[nodiscard]] bool finished() const;
  [[nodiscard]] std::string unsafe_reason(const Step& step) const;
  [[nodiscard]] bool late(const Step& step) const;
  [[nodiscard]] Time start_deadline(const Step& step) const;
  [[nodiscard]] Duration share(const Step& step, Duration left) const;
  [[nodiscard]] std::string late_reason(const Step& step) const;
  [[nodiscard]] Time phase_deadline(Phase phase) const;
  [[nodiscard]] Time effective_deadline(const Step& step) const;
  [[nodiscard]] std::string overdue_reason(const Step& step) const;
  [[nodiscard]] Time last_wait_end(Time since) const;
  [[nodiscard]] std::vector<PhaseSpan> phase_spans() const;
  [[nodiscard]] LameDuckReport lame_duck_report() const;
  [[nodiscard]] StepReport step_report(const Step& step) const;

  BudgetPlan plan_;
  std::vector<Step> steps_;
  Time now_;
  Phase phase_ = Phase::starting;
  std::optional<Budget> budget_;
  bool all_at_once_ = false;  ///< begun while starting: stopping steps do not wait for draining ones
  bool forced_ = false;
  bool aborted_ = false;
  Time forced_at_{};
  std::string cause_;
  std::string force_cause_;
  std::vector<std::string> further_causes_;
  std::vector<PhaseEntry> entered_;  ///< since t0
  std::optional<Time> announced_;
  Time quiet_since_;  ///< the announcement, or the last redial after it
  std::optional<Time> lame_duck_ended_;
  std::optional<std::string> lame_duck_over_;  ///< why it ended, or is to end now
};

}  // namespace lastcall::drain
