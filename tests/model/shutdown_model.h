// ShutdownModel: the rules of a shutdown as plain statements about facts, to judge drain::Coordinator by. It
// decides nothing itself: it is told each event, checks that each action that followed was legal, and that
// nothing which was due was left undone. Single-threaded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drain/coordinator.h"

namespace lastcall::drain {

class ShutdownModel {
 public:
  ShutdownModel(BudgetPlan plan, std::vector<StepSpec> steps);

  /// The event that is about to be fed at `now`.
  void tell(const Event& event, Time now);

  /// What the coordinator did about it.
  void check(const std::vector<Action>& actions);

  /// That the coordinator rests where the facts say it must, and will wake when it must.
  void check_rest(const Coordinator& coordinator) const;

  /// Broken rules so far, in words; empty is good.
  [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }

  [[nodiscard]] Phase phase() const { return phase_; }

  [[nodiscard]] Time start() const { return t0_.value(); }

  /// Steps that were started and neither ended nor were abandoned.
  [[nodiscard]] std::vector<StepId> running() const;

  /// Steps of which the coordinator has not seen the end, started or not.
  [[nodiscard]] std::vector<StepId> unended() const;

 private:
  struct StepFacts {
    std::optional<Time> started;
    Time deadline;
    std::optional<Time> abandoned;
    std::optional<Time> ended;
    std::optional<Time> skipped;
    bool unsafe = false;  ///< skipped, because one that it follows may still be using what it closes

    [[nodiscard]] bool over() const { return abandoned || ended || skipped; }
  };

  void on(const Started& event);
  void on(const Begin& event);
  void on(const Redialled& event);
  void on(const Force& event);
  void on(const StepEnded& event);
  void on(const Tick& event);

  void judge(const EnterPhase& action);
  void judge(const Announce& action);
  void judge(const StartStep& action);
  void judge(const AbandonStep& action);
  void judge(const SkipStep& action);
  void judge(const Abort& action);
  void judge(const Finish& action);

  void must(bool condition, const std::string& rule) const;
  [[nodiscard]] bool eligible(StepId id) const;
  [[nodiscard]] bool unsafe(StepId id) const;
  [[nodiscard]] bool too_late(StepId id) const;
  [[nodiscard]] const StepFacts& facts(const std::string& name) const;
  [[nodiscard]] Time deadline_at_start(StepId id) const;
  [[nodiscard]] int ranks_to_come(Phase phase) const;
  [[nodiscard]] Time abort_at() const;
  [[nodiscard]] bool abort_due() const;
  [[nodiscard]] bool all_over(Phase phase) const;
  [[nodiscard]] bool awaited(StepId id) const;
  [[nodiscard]] Time last_wait_end(Time since) const;
  [[nodiscard]] Time lame_duck_end() const;
  [[nodiscard]] Time limit_of(Phase phase) const;
  [[nodiscard]] Time due(StepId id) const;
  [[nodiscard]] Time next_due() const;
  void check_steps_rest() const;

  BudgetPlan plan_;
  std::vector<StepSpec> specs_;
  std::vector<StepFacts> facts_;
  Time now_{};
  Phase phase_ = Phase::starting;
  bool serving_due_ = false;
  bool lame_duck_due_ = false;
  bool begun_while_starting_ = false;
  bool lame_duck_useless_ = false;
  bool forced_ = false;
  Time forced_at_{};
  bool aborted_ = false;
  bool finished_ = false;
  std::optional<Time> t0_;
  Time drain_deadline_{};
  std::optional<Time> announced_;
  Time last_redial_{};
  mutable std::vector<std::string> broken_;
};

}  // namespace lastcall::drain
