#include "drain/coordinator.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace lastcall::drain {

namespace {

bool earlier_or_same(const StepSpec& one, const StepSpec& other) {
  return one.phase < other.phase || (one.phase == other.phase && one.rank <= other.rank);
}

std::vector<StepId> predecessors(const std::vector<StepSpec>& specs, StepId id) {
  std::vector<StepId> ids;
  for (const std::string& name : specs[id].after) {
    const auto found = std::ranges::find(specs, name, &StepSpec::name);
    LASTCALL_ASSERT(found != specs.end() && earlier_or_same(*found, specs[id]));
    ids.push_back(static_cast<StepId>(found - specs.begin()));
  }
  return ids;
}

}  // namespace

Coordinator::Coordinator(Options options, Time now) : plan_(options.budget), now_(now) {
  LASTCALL_ASSERT(plan_.lame_duck.max <= plan_.drain);
  for (StepId id = 0; id < options.steps.size(); ++id) {
    const StepSpec& spec = options.steps[id];
    LASTCALL_ASSERT(spec.phase == Phase::draining || spec.phase == Phase::stopping);
    LASTCALL_ASSERT(spec.late != Late::last_wait || spec.phase == Phase::stopping);
    steps_.push_back(Step{.spec = spec, .after = predecessors(options.steps, id)});
  }
  LASTCALL_ASSERT(acyclic());
}

bool Coordinator::acyclic() const {
  std::vector<bool> placed(steps_.size(), false);
  const auto placeable = [&](const Step& step) {
    return std::ranges::all_of(step.after, [&](StepId id) { return placed[id]; });
  };
  for (std::size_t round = 0; round < steps_.size(); ++round) {
    for (StepId id = 0; id < steps_.size(); ++id) {
      placed[id] = placed[id] || placeable(steps_[id]);
    }
  }
  return std::ranges::find(placed, false) == placed.end();
}

std::vector<Action> Coordinator::step(const Event& event, Time now) {
  now_ = std::max(now_, now);
  Actions out;
  // The event comes before what time alone brings: a step that ended in the instant of its deadline has
  // ended.
  std::visit([&](const auto& what) { handle(what, out); }, event);
  settle(out);
  return out;
}

void Coordinator::handle(const Started&, Actions& out) {
  if (phase_ != Phase::starting) {
    return;
  }
  enter(Phase::serving, out);
}

void Coordinator::handle(const Begin& event, Actions& out) {
  if (!begun()) {
    begin_shutdown(event, out);
    return;
  }
  if (phase_ == Phase::stopped) {
    return;
  }
  remember(event.cause);
  cap_drain(event.drain_cap);
  if (!event.lame_duck && phase_ == Phase::lame_duck && !lame_duck_over_) {
    lame_duck_over_ = event.cause;
  }
}

void Coordinator::handle(const Redialled&, Actions&) {
  if (phase_ == Phase::lame_duck && announced_) {
    quiet_since_ = now_;
  }
}

void Coordinator::handle(const Force& event, Actions& out) {
  if (phase_ == Phase::stopped) {
    return;
  }
  if (!begun()) {
    begin_shutdown(Begin{.cause = event.cause, .lame_duck = false}, out);
  } else {
    remember(event.cause);
  }
  if (!forced_) {
    forced_ = true;
    forced_at_ = now_;
    force_cause_ = event.cause;
  }
}

void Coordinator::handle(const StepEnded& event, Actions&) {
  LASTCALL_ASSERT(event.step < steps_.size());
  Step& step = steps_[event.step];
  if (!step.over()) {
    step.began = step.state == StepState::running ? step.began : now_;
    step.ended = now_;
    step.outcome = event.outcome;
    step.detail = event.detail;
  }
  step.state = StepState::ended;
}

void Coordinator::handle(const Tick&, Actions&) {}

void Coordinator::begin_shutdown(const Begin& event, Actions& out) {
  cause_ = event.cause;
  budget_ = drain::begin(plan_, std::min(event.at.value_or(now_), now_));
  cap_drain(event.drain_cap);
  if (phase_ == Phase::serving && event.lame_duck && plan_.lame_duck.max > 0s) {
    enter(Phase::lame_duck, out);
    return;
  }
  all_at_once_ = phase_ == Phase::starting;
  enter(Phase::draining, out);
  announce(out);
}

void Coordinator::cap_drain(Duration cap) {
  LASTCALL_ASSERT(cap >= 0s);
  budget_->drain_deadline = later(now_, cap, budget_->drain_deadline);
}

void Coordinator::remember(const std::string& cause) {
  if (further_causes_.size() < kMaxFurtherCauses) {
    further_causes_.push_back(cause);
  }
}

void Coordinator::settle(Actions& out) {
  if (!begun() || phase_ == Phase::stopped) {
    return;
  }
  settle_abort(out);
  settle_lame_duck(out);
  if (phase_ == Phase::lame_duck) {
    return;
  }
  settle_steps(out);
  if (phase_ == Phase::draining && over(Phase::draining)) {
    enter(Phase::stopping, out);
    settle_steps(out);
  }
  if (phase_ == Phase::stopping && finished()) {
    enter(Phase::stopped, out);
    out.emplace_back(Finish{});
  }
}

void Coordinator::settle_abort(Actions& out) {
  const bool due = forced_ || (phase_ < Phase::stopping && now_ >= abort_at());
  if (!plan_.abort_notice || aborted_ || !due) {
    return;
  }
  aborted_ = true;
  out.emplace_back(Abort{});
}

void Coordinator::settle_lame_duck(Actions& out) {
  if (phase_ != Phase::lame_duck) {
    return;
  }
  if (!announced_ && now_ >= budget_->start + plan_.lame_duck.min) {
    announce(out);
  }
  const LameDuckEnd end = lame_duck_end();
  if (now_ < end.at) {
    return;
  }
  lame_duck_ended_ = now_;
  lame_duck_over_ = end.why;
  if (!announced_) {
    announce(out);
  }
  enter(Phase::draining, out);
}

void Coordinator::enter(Phase phase, Actions& out) {
  LASTCALL_ASSERT(phase > phase_);
  phase_ = phase;
  if (begun()) {
    entered_.push_back({phase, entered_.empty() ? budget_->start : now_});
  }
  out.emplace_back(EnterPhase{phase});
}

void Coordinator::announce(Actions& out) {
  announced_ = now_;
  quiet_since_ = now_;
  out.emplace_back(Announce{});
}

Coordinator::LameDuckEnd Coordinator::lame_duck_end() const {
  if (forced_) {
    return {now_, "force"};
  }
  if (lame_duck_over_) {
    return {now_, *lame_duck_over_};
  }
  const Time max = budget_->start + plan_.lame_duck.max;
  const Time limit = std::min(max, budget_->drain_deadline);
  if (announced_ && quiet_since_ + plan_.lame_duck.quiet <= limit) {
    return {quiet_since_ + plan_.lame_duck.quiet, "quiet"};
  }
  return {limit, limit == max ? "max" : "drain deadline"};
}

Time Coordinator::abort_at() const {
  if (!plan_.abort_notice) {
    return Time::max();
  }
  return std::max(budget_->start, budget_->drain_deadline - *plan_.abort_notice);
}

Time Coordinator::next_wake() const {
  if (!begun() || phase_ == Phase::stopped) {
    return Time::max();
  }
  Time wake = aborted_ || phase_ >= Phase::stopping ? Time::max() : abort_at();
  if (phase_ == Phase::lame_duck) {
    wake = std::min(wake, lame_duck_end().at);
    return announced_ ? wake : std::min(wake, budget_->start + plan_.lame_duck.min);
  }
  for (const Step& step : steps_) {
    if (step.state == StepState::running) {
      wake = std::min(wake, effective_deadline(step));
    } else if (awaited(step)) {
      wake = std::min(wake, last_wait_end(step.ended));
    }
  }
  return wake;
}

const Budget& Coordinator::budget() const {
  LASTCALL_ASSERT(begun());
  return *budget_;
}

}  // namespace lastcall::drain
