// The coordinator's steps: which one's turn it is, how long it has, and what is to be skipped or abandoned.
#include <algorithm>
#include <bitset>
#include <limits>
#include <utility>

#include "drain/coordinator.h"

namespace lastcall::drain {

void Coordinator::settle_steps(Actions& out) {
  // Ends: each round but the last starts, skips or abandons at least one step, and no step knows any twice.
  while (start_ready(out) || abandon_overdue(out)) {
  }
}

bool Coordinator::start_ready(Actions& out) {
  bool any = false;
  for (StepId id = 0; id < steps_.size(); ++id) {
    Step& step = steps_[id];
    if (!ready(step)) {
      continue;
    }
    any = true;
    if (std::string reason = unsafe_reason(step); !reason.empty()) {
      step.unsafe = true;
      skip(id, std::move(reason), out);
      continue;
    }
    if (step.spec.late == Late::skip && late(step)) {
      skip(id, late_reason(step), out);
      continue;
    }
    step.deadline = start_deadline(step);
    step.state = StepState::running;
    step.began = now_;
    out.emplace_back(StartStep{id, step.deadline});
  }
  return any;
}

void Coordinator::skip(StepId id, std::string reason, Actions& out) {
  Step& step = steps_[id];
  step.state = StepState::ended;
  step.began = now_;
  step.ended = now_;
  step.outcome = StepOutcome::skipped;
  step.detail = std::move(reason);
  out.emplace_back(SkipStep{id, step.detail});
}

bool Coordinator::abandon_overdue(Actions& out) {
  bool any = false;
  for (StepId id = 0; id < steps_.size(); ++id) {
    Step& step = steps_[id];
    if (step.state != StepState::running || now_ < effective_deadline(step)) {
      continue;
    }
    step.state = StepState::abandoned;
    step.ended = now_;
    step.outcome = StepOutcome::abandoned;
    step.detail = overdue_reason(step);
    out.emplace_back(AbandonStep{id, step.detail});
    any = true;
  }
  return any;
}

bool Coordinator::ready(const Step& step) const {
  const bool its_turn = step.spec.phase == phase_ || (all_at_once_ && phase_ == Phase::draining);
  const auto holds = [&](const Step& other) {
    return other.spec.phase == step.spec.phase && other.spec.rank < step.spec.rank && !other.over();
  };
  return step.state == StepState::pending && its_turn && std::ranges::none_of(steps_, holds) &&
         std::ranges::all_of(step.after, [&](StepId id) { return steps_[id].over(); });
}

/// Why it would close what somebody may still be using; empty if it would not.
std::string Coordinator::unsafe_reason(const Step& step) const {
  for (const StepId id : step.after) {
    const Step& before = steps_[id];
    if (before.state == StepState::abandoned) {
      return "\"" + before.spec.name + "\" was abandoned and may still use it";
    }
    if (before.unsafe) {
      return "\"" + before.spec.name + "\" was skipped";
    }
  }
  return {};
}

bool Coordinator::late(const Step& step) const {
  return forced_ || now_ >= phase_deadline(step.spec.phase);
}

bool Coordinator::over(Phase phase) const {
  return std::ranges::all_of(steps_,
                             [&](const Step& step) { return step.spec.phase != phase || step.over(); });
}

bool Coordinator::awaited(const Step& step) const {
  return step.spec.phase == Phase::stopping && step.state == StepState::abandoned &&
         now_ < last_wait_end(step.ended);
}

bool Coordinator::finished() const {
  return over(Phase::stopping) &&
         std::ranges::none_of(steps_, [&](const Step& step) { return awaited(step); });
}

Time Coordinator::phase_deadline(Phase phase) const {
  return phase == Phase::draining ? budget_->drain_deadline : budget_->deadline;
}

Time Coordinator::start_deadline(const Step& step) const {
  Time end = forced_ ? now_ : phase_deadline(step.spec.phase);
  if (step.spec.late == Late::last_wait) {
    end = std::max(end, last_wait_end(now_));
  }
  if (end <= now_) {
    return now_;
  }
  return step.spec.budget == Duration::max() ? now_ + share(step, end - now_)
                                             : later(now_, step.spec.budget, end);
}

Duration Coordinator::share(const Step& step, Duration left) const {
  if (step.spec.phase == Phase::draining) {
    return left;
  }
  std::bitset<std::numeric_limits<decltype(StepSpec::rank)>::max() + 1> ranks;
  for (const Step& other : steps_) {
    if (other.spec.phase == step.spec.phase && !other.over()) {
      ranks.set(other.spec.rank);
    }
  }
  return left / static_cast<Duration::rep>(ranks.count());
}

Time Coordinator::effective_deadline(const Step& step) const {
  if (step.spec.late == Late::last_wait) {
    return forced_ ? std::min(step.deadline, last_wait_end(std::max(step.began, forced_at_))) : step.deadline;
  }
  return std::min(step.deadline, forced_ ? forced_at_ : phase_deadline(step.spec.phase));
}

std::string Coordinator::overdue_reason(const Step& step) const {
  return late(step) ? late_reason(step) : "step budget";
}

std::string Coordinator::late_reason(const Step& step) const {
  if (forced_) {
    return "forced";
  }
  return step.spec.phase == Phase::draining ? "drain deadline" : "deadline";
}

Time Coordinator::last_wait_end(Time since) const {
  return std::min(since + kLastWait, budget_->deadline + plan_.reserve / 2);
}

}  // namespace lastcall::drain
