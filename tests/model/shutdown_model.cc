#include "shutdown_model.h"

#include <algorithm>
#include <set>
#include <utility>

namespace lastcall::drain {

namespace {

Time earlier(Time at, Duration span, Time limit) {
  return limit - at <= span ? limit : at + span;
}

}  // namespace

ShutdownModel::ShutdownModel(BudgetPlan plan, std::vector<StepSpec> steps)
    : plan_(plan), specs_(std::move(steps)), facts_(specs_.size()) {}

void ShutdownModel::tell(const Event& event, Time now) {
  now_ = now;
  std::visit([this](const auto& what) { on(what); }, event);
}

void ShutdownModel::on(const Started&) {
  serving_due_ = phase_ == Phase::starting;
}

void ShutdownModel::on(const Begin& event) {
  if (phase_ == Phase::stopped) {
    return;
  }
  if (!t0_) {
    t0_ = std::min(event.at.value_or(now_), now_);
    drain_deadline_ = *t0_ + plan_.drain;
    begun_while_starting_ = phase_ == Phase::starting;
    lame_duck_due_ = phase_ == Phase::serving && event.lame_duck && plan_.lame_duck.max > 0s;
  } else if (!event.lame_duck) {
    lame_duck_useless_ = true;
  }
  drain_deadline_ = earlier(now_, event.drain_cap, drain_deadline_);
}

void ShutdownModel::on(const Redialled&) {
  last_redial_ = now_;
}

void ShutdownModel::on(const Force& event) {
  if (phase_ == Phase::stopped) {
    return;
  }
  if (!t0_) {
    on(Begin{.cause = event.cause, .lame_duck = false});
  }
  forced_at_ = forced_ ? forced_at_ : now_;
  forced_ = true;
}

void ShutdownModel::on(const StepEnded& event) {
  if (!facts_[event.step].ended) {
    facts_[event.step].ended = now_;
  }
}

void ShutdownModel::on(const Tick&) {}

void ShutdownModel::check(const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    must(!finished_, "Finish is the last action");
    std::visit([this](const auto& what) { judge(what); }, action);
  }
}

void ShutdownModel::judge(const EnterPhase& action) {
  must(action.phase > phase_, "phases only move forward");
  must(action.phase == Phase::serving || t0_.has_value(), "no phase of a shutdown before it began");
  switch (action.phase) {
    case Phase::serving:
      must(std::exchange(serving_due_, false), "serving follows Started");
      break;
    case Phase::lame_duck:
      must(std::exchange(lame_duck_due_, false), "the lame duck was asked for, from serving");
      break;
    case Phase::draining:
      must(!lame_duck_due_, "the lame duck is not skipped");
      must(phase_ != Phase::lame_duck || now_ >= lame_duck_end(), "the lame duck lasts until its end");
      break;
    case Phase::stopping:
      must(all_over(Phase::draining), "stopping begins when every draining step is over");
      break;
    case Phase::stopped:
      must(all_over(Phase::stopping), "stopped when every stopping step is over");
      break;
    case Phase::starting:
      must(false, "nothing returns to starting");
  }
  phase_ = action.phase;
}

void ShutdownModel::judge(const Announce&) {
  must(!announced_, "announced once");
  must(phase_ == Phase::lame_duck || phase_ == Phase::draining, "announced in the lame duck or the drain");
  must(phase_ != Phase::lame_duck || now_ >= *t0_ + plan_.lame_duck.min || now_ >= lame_duck_end(),
       "not announced before min");
  announced_ = now_;
}

void ShutdownModel::judge(const StartStep& action) {
  StepFacts& step = facts_[action.step];
  must(!step.started && !step.ended && !step.skipped, "each step starts once, and not if it had ended");
  must(eligible(action.step), "a step starts in its phase, after those that it follows");
  must(announced_.has_value(), "no step starts before the announcement");
  must(!unsafe(action.step), "no step starts while one that it follows may still use what it closes");
  must(!too_late(action.step), "what nobody could await is not begun");
  must(action.deadline == deadline_at_start(action.step),
       "a step gets min(own budget or share, what is left of its phase), and nothing when forced");
  step.started = now_;
  step.deadline = action.deadline;
}

void ShutdownModel::judge(const AbandonStep& action) {
  StepFacts& step = facts_[action.step];
  must(step.started && !step.over(), "only a running step is abandoned");
  must(forced_ || now_ >= due(action.step), "a step is abandoned at its deadline or when forced");
  step.abandoned = now_;
}

void ShutdownModel::judge(const SkipStep& action) {
  StepFacts& step = facts_[action.step];
  must(!step.started && !step.over(), "only a step that has not begun is skipped");
  must(eligible(action.step), "a step is skipped when its turn has come");
  must(unsafe(action.step) || too_late(action.step), "a step is skipped for a reason");
  step.unsafe = unsafe(action.step);
  step.skipped = now_;
}

void ShutdownModel::judge(const Abort&) {
  must(plan_.abort_notice && !aborted_, "aborted once, if the plan says so");
  must(abort_due(), "aborted when forced, or shortly before the drain deadline, but not after the drain");
  aborted_ = true;
}

void ShutdownModel::judge(const Finish&) {
  must(phase_ == Phase::stopped, "Finish follows stopped");
  for (StepId id = 0; id < facts_.size(); ++id) {
    must(!awaited(id), "finish does not come before an abandoned stopping step had its last wait");
    must(facts_[id].over(), "every step ended, was abandoned or was skipped");
  }
  finished_ = true;
}

void ShutdownModel::check_rest(const Coordinator& coordinator) const {
  must(coordinator.phase() == phase_, "phase() is the phase last entered");
  must(coordinator.begun() == t0_.has_value(), "begun() since the first Begin or Force");
  must(coordinator.forced() == forced_, "forced() since the first Force");
  must(coordinator.next_wake() == next_due(), "next_wake() is the next instant at which something is due");
  if (!t0_) {
    return;
  }
  must(coordinator.next_wake() > now_, "nothing due is left undone");
  must(coordinator.budget().start == *t0_, "t0 never moves");
  must(coordinator.budget().deadline == *t0_ + plan_.grace - plan_.reserve, "the deadline never moves");
  must(coordinator.budget().drain_deadline == drain_deadline_, "the drain deadline moves only by a cap");
  must(phase_ > Phase::serving, "a shutdown that began has left serving");
  must(phase_ == Phase::stopped || now_ < *t0_ + plan_.grace, "no wait outlasts the grace period");
  for (const StepId id : running()) {
    must(!forced_ || specs_[id].late == Late::last_wait, "forced: nothing runs on but the logs");
  }
  must(!plan_.abort_notice || aborted_ || !abort_due(), "an abort that is due is told");
  must(phase_ != Phase::lame_duck || now_ < lame_duck_end(), "the lame duck ends at its end");
  check_steps_rest();
}

void ShutdownModel::check_steps_rest() const {
  for (StepId id = 0; id < specs_.size(); ++id) {
    const StepFacts& step = facts_[id];
    must(step.started || step.over() || !eligible(id), "a step whose turn has come has started");
    must(!step.started || step.over() || now_ < due(id), "no step outlives its deadline");
  }
  must(phase_ != Phase::draining || !all_over(Phase::draining),
       "stopping follows the last draining step at once");
  const auto holds = [this](StepId id) { return awaited(id) || !facts_[id].over(); };
  bool held = false;
  for (StepId id = 0; id < specs_.size(); ++id) {
    held = held || (specs_[id].phase == Phase::stopping && holds(id));
  }
  must(phase_ != Phase::stopping || held, "stopped follows the last stopping step at once");
  must(finished_ == (phase_ == Phase::stopped), "Finish comes with stopped");
}

std::vector<StepId> ShutdownModel::running() const {
  std::vector<StepId> ids;
  for (StepId id = 0; id < facts_.size(); ++id) {
    if (facts_[id].started && !facts_[id].over()) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::vector<StepId> ShutdownModel::unended() const {
  std::vector<StepId> ids;
  for (StepId id = 0; id < facts_.size(); ++id) {
    if (!facts_[id].ended) {
      ids.push_back(id);
    }
  }
  return ids;
}

void ShutdownModel::must(bool condition, const std::string& rule) const {
  if (!condition) {
    broken_.push_back(rule);
  }
}

bool ShutdownModel::eligible(StepId id) const {
  const StepSpec& spec = specs_[id];
  if (spec.phase != phase_ && !(begun_while_starting_ && phase_ == Phase::draining)) {
    return false;
  }
  for (StepId other = 0; other < specs_.size(); ++other) {
    if (specs_[other].phase == spec.phase && specs_[other].rank < spec.rank && !facts_[other].over()) {
      return false;
    }
  }
  return std::ranges::all_of(spec.after, [this](const std::string& name) { return facts(name).over(); });
}

const ShutdownModel::StepFacts& ShutdownModel::facts(const std::string& name) const {
  const auto found = std::ranges::find(specs_, name, &StepSpec::name);
  return facts_[static_cast<StepId>(found - specs_.begin())];
}

bool ShutdownModel::unsafe(StepId id) const {
  return std::ranges::any_of(specs_[id].after, [this](const std::string& name) {
    return (facts(name).abandoned && !facts(name).ended) || facts(name).unsafe;
  });
}

bool ShutdownModel::too_late(StepId id) const {
  return specs_[id].late == Late::skip && (forced_ || now_ >= limit_of(specs_[id].phase));
}

int ShutdownModel::ranks_to_come(Phase phase) const {
  std::set<std::uint8_t> ranks;
  for (StepId id = 0; id < specs_.size(); ++id) {
    if (specs_[id].phase == phase && !facts_[id].over()) {
      ranks.insert(specs_[id].rank);
    }
  }
  return static_cast<int>(ranks.size());
}

Time ShutdownModel::deadline_at_start(StepId id) const {
  const StepSpec& spec = specs_[id];
  Time limit = forced_ ? now_ : std::max(now_, limit_of(spec.phase));
  if (spec.late == Late::last_wait) {
    limit = std::max(limit, last_wait_end(now_));
  }
  if (spec.budget != Duration::max()) {
    return earlier(now_, spec.budget, limit);
  }
  return spec.phase == Phase::draining ? limit : now_ + (limit - now_) / ranks_to_come(spec.phase);
}

Time ShutdownModel::abort_at() const {
  return plan_.abort_notice ? std::max(*t0_, drain_deadline_ - *plan_.abort_notice) : Time::max();
}

bool ShutdownModel::abort_due() const {
  return forced_ || (phase_ < Phase::stopping && now_ >= abort_at());
}

bool ShutdownModel::all_over(Phase phase) const {
  for (StepId id = 0; id < specs_.size(); ++id) {
    if (specs_[id].phase == phase && !facts_[id].over()) {
      return false;
    }
  }
  return true;
}

bool ShutdownModel::awaited(StepId id) const {
  const StepFacts& step = facts_[id];
  return specs_[id].phase == Phase::stopping && step.abandoned && !step.ended &&
         now_ < last_wait_end(*step.abandoned);
}

Time ShutdownModel::last_wait_end(Time since) const {
  const Time deadline = *t0_ + plan_.grace - plan_.reserve;
  return std::min(since + Coordinator::kLastWait, deadline + plan_.reserve / 2);
}

Time ShutdownModel::lame_duck_end() const {
  if (forced_ || lame_duck_useless_) {
    return *t0_;
  }
  const Time limit = std::min(*t0_ + plan_.lame_duck.max, drain_deadline_);
  return announced_ ? std::min(limit, std::max(*announced_, last_redial_) + plan_.lame_duck.quiet) : limit;
}

Time ShutdownModel::limit_of(Phase phase) const {
  return phase == Phase::draining ? drain_deadline_ : *t0_ + plan_.grace - plan_.reserve;
}

Time ShutdownModel::due(StepId id) const {
  const StepFacts& step = facts_[id];
  if (specs_[id].late != Late::last_wait) {
    return std::min(step.deadline, limit_of(specs_[id].phase));
  }
  return forced_ ? std::min(step.deadline, last_wait_end(std::max(*step.started, forced_at_)))
                 : step.deadline;
}

Time ShutdownModel::next_due() const {
  if (!t0_ || phase_ == Phase::stopped) {
    return Time::max();
  }
  Time next = aborted_ || phase_ >= Phase::stopping ? Time::max() : abort_at();
  if (phase_ == Phase::lame_duck) {
    next = std::min(next, lame_duck_end());
    return announced_ ? next : std::min(next, *t0_ + plan_.lame_duck.min);
  }
  for (StepId id = 0; id < specs_.size(); ++id) {
    if (facts_[id].started && !facts_[id].over()) {
      next = std::min(next, due(id));
    }
    if (awaited(id)) {
      next = std::min(next, last_wait_end(*facts_[id].abandoned));
    }
  }
  return next;
}

}  // namespace lastcall::drain
