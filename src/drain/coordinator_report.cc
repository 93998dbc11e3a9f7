// What the coordinator tells of the shutdown that it walked through.
#include <algorithm>

#include "drain/coordinator.h"

namespace lastcall::drain {

namespace {

constexpr std::string_view to_string(StepOutcome outcome) {
  constexpr std::string_view kNames[] = {"done", "failed", "abandoned", "skipped"};
  return kNames[static_cast<std::uint8_t>(outcome)];
}

}  // namespace

DrainReport Coordinator::report() const {
  DrainReport report;
  report.cause = cause_;
  report.further_causes = further_causes_;
  report.forced = forced_;
  report.force_cause = force_cause_;
  report.grace = plan_.grace;
  if (!begun()) {
    return report;
  }
  report.drain_deadline = budget_->drain_deadline - budget_->start;
  report.deadline = budget_->deadline - budget_->start;
  report.phases = phase_spans();
  report.took = (phase_ == Phase::stopped ? entered_.back().at : now_) - budget_->start;
  report.lame_duck = lame_duck_report();
  for (const Step& step : steps_) {
    if (step.state != StepState::pending) {
      report.steps.push_back(step_report(step));
    }
  }
  return report;
}

std::vector<PhaseSpan> Coordinator::phase_spans() const {
  std::vector<PhaseSpan> spans;
  for (std::size_t i = 0; i < entered_.size(); ++i) {
    const bool last = i + 1 == entered_.size();
    const Time until = last ? (phase_ == Phase::stopped ? entered_[i].at : now_) : entered_[i + 1].at;
    spans.push_back({entered_[i].phase, entered_[i].at - budget_->start, until - entered_[i].at});
  }
  return spans;
}

LameDuckReport Coordinator::lame_duck_report() const {
  LameDuckReport report;
  report.entered = !entered_.empty() && entered_.front().phase == Phase::lame_duck;
  if (announced_) {
    report.announced = *announced_ - budget_->start;
  }
  if (lame_duck_ended_) {
    report.ended = *lame_duck_ended_ - budget_->start;
    report.ended_by = *lame_duck_over_;
  }
  return report;
}

StepReport Coordinator::step_report(const Step& step) const {
  const bool running = step.state == StepState::running;
  // A step that ended before the shutdown began is part of it all the same: it takes no time.
  const Time began = std::max(step.began, budget_->start);
  const Time ended = running ? now_ : std::max(step.ended, budget_->start);
  return {.name = step.spec.name,
          .outcome = std::string(running ? "running" : to_string(step.outcome)),
          .courtesy = step.spec.courtesy,
          .detail = step.detail,
          .began = began - budget_->start,
          .lasted = ended - began};
}

}  // namespace lastcall::drain
