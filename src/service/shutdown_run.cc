#include "service/shutdown_run.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/units.h"

namespace lastcall::service {

namespace {

drain::Late late_rule(Stage stage) {
  if (stage <= Stage::work) {
    return drain::Late::tell;
  }
  return stage == Stage::logs ? drain::Late::last_wait : drain::Late::skip;
}

/// Of the drain's time the intake has half at most, if it says nothing: what is in flight needs the rest.
Duration budget_of(const Step& step, const drain::BudgetPlan& plan) {
  const bool said = step.stage != Stage::intake || step.budget != Duration::max();
  return said ? step.budget : plan.drain / 2;
}

drain::StepSpec spec_of(const Step& step, const drain::BudgetPlan& plan) {
  return {.name = step.name,
          .phase = step.stage <= Stage::work ? Phase::draining : Phase::stopping,
          .rank = static_cast<std::uint8_t>(step.stage),
          .after = step.after,
          .courtesy = step.courtesy,
          .budget = budget_of(step, plan),
          .late = late_rule(step.stage)};
}

std::vector<drain::StepSpec> specs_of(const ShutdownRun::Parts& parts) {
  std::vector<drain::StepSpec> specs;
  std::ranges::transform(parts.steps, std::back_inserter(specs),
                         [&](const RegisteredStep& one) { return spec_of(one.step, parts.plan); });
  for (const RegisteredScope& scope : parts.scopes) {
    specs.push_back(spec_of({.name = "work: " + scope.work->name, .stage = Stage::work}, parts.plan));
  }
  return specs;
}

}  // namespace

ShutdownRun::ShutdownRun(Parts parts)
    : parts_(std::move(parts)),
      machine_({.budget = parts_.plan, .steps = specs_of(parts_)}, parts_.start),
      running_(parts_.steps.size()),
      cut_(parts_.scopes.size()) {}

drain::DrainReport ShutdownRun::run(const std::deque<Inbox::Letter>& first) {
  feed(drain::Started{}, parts_.start);
  for (const auto& [event, at] : first) {
    feed(event, parts_.clock->now());
  }
  while (machine_.phase() != Phase::stopped) {
    const std::deque<Inbox::Letter> letters = parts_.inbox->take(machine_.next_wake());
    for (const auto& [event, at] : letters) {
      feed(event, at);
    }
    if (letters.empty()) {
      feed(drain::Tick{}, parts_.clock->now());
    }
  }
  return report();
}

void ShutdownRun::feed(const drain::Event& event, Time at) {
  if (const auto* const ended = std::get_if<drain::StepEnded>(&event)) {
    note_end(*ended);
  }
  const std::vector<drain::Action> actions = machine_.step(event, at);
  for (const drain::Action& action : actions) {
    std::visit([this](const auto& what) { carry_out(what); }, action);
  }
  // Afterwards: a slow reader of the log must not hold up the next step (LC105).
  for (const drain::Action& action : actions) {
    std::visit([this](const auto& what) { log(what); }, action);
  }
  std::visit([this](const auto& what) { log(what); }, event);
  log_phase();
}

void ShutdownRun::note_end(const drain::StepEnded& event) {
  if (is_scope(event.step)) {
    return;
  }
  RunningStep& step = running_[event.step];
  step.ended = true;
  if (step.thread.joinable()) {
    // It has nothing left to do: telling us was its last act.
    step.thread.join();
  }
}

void ShutdownRun::carry_out(const drain::EnterPhase& action) {
  parts_.entered(action.phase);
}

void ShutdownRun::carry_out(const drain::Announce&) {
  parts_.announced();
}

void ShutdownRun::carry_out(const drain::Abort&) {
  parts_.aborted();
}

void ShutdownRun::carry_out(const drain::StartStep& action) {
  if (is_scope(action.step)) {
    close(action.step);
  } else {
    start(action.step, action.deadline);
  }
}

void ShutdownRun::start(drain::StepId id, Time deadline) {
  const auto ended = [inbox = parts_.inbox, id](drain::StepOutcome outcome, std::string detail) {
    inbox->post(drain::StepEnded{.step = id, .outcome = outcome, .detail = std::move(detail)});
  };
  RunningStep& step = running_[id];
  step.run = std::make_shared<StepRun>(parts_.clock, deadline, ended);
  try {
    step.thread = start_step(step.run, std::move(parts_.steps[id].work));
  } catch (const std::system_error& error) {
    ended(drain::StepOutcome::failed, std::string("no thread for it: ") + error.what());
  }
}

void ShutdownRun::close(drain::StepId id) {
  scope(id).work->close([inbox = parts_.inbox, id] { inbox->post(drain::StepEnded{.step = id}); });
}

void ShutdownRun::carry_out(const drain::AbandonStep& action) {
  if (is_scope(action.step)) {
    cut(action.step);
    return;
  }
  // What hangs on the step's token is the service's own.
  parts_.unwinder.post([run = running_[action.step].run] { run->request_stop(); });
}

void ShutdownRun::cut(drain::StepId id) {
  const WorkRegister& work = *scope(id).work;
  cut_[scope_index(id)] = {.left = work.in_flight(), .finished = work.finished()};
  for (CutWork& one : work.left(parts_.clock->now(), drain::WorkReport::kMaxCuts - cut_work_.size())) {
    cut_work_.push_back({std::move(one.scope), std::move(one.label), one.age});
  }
}

void ShutdownRun::log(const drain::StepEnded& event) const {
  if (event.outcome == drain::StepOutcome::failed) {
    parts_.logger.warn("step_failed",
                       {{"step", parts_.steps[event.step].step.name}, {"reason", event.detail}});
  }
}

void ShutdownRun::log(const drain::AbandonStep& action) const {
  if (is_scope(action.step)) {
    const std::string& name = scope(action.step).work->name;
    parts_.logger.warn(
        "work_cut",
        {{"scope", name}, {"left", cut_[scope_index(action.step)].left}, {"oldest", oldest_cut(name)}});
  } else {
    parts_.logger.warn("step_abandoned",
                       {{"step", parts_.steps[action.step].step.name}, {"reason", action.reason}});
  }
}

void ShutdownRun::log(const drain::SkipStep& action) const {
  parts_.logger.warn("step_skipped",
                     {{"step", parts_.steps[action.step].step.name}, {"reason", action.reason}});
}

/// A few of those with a label; the report has more of them.
std::string ShutdownRun::oldest_cut(std::string_view scope) const {
  constexpr int kMost = 3;
  std::string text;
  int count = 0;
  for (const drain::CutWork& one : cut_work_) {
    if (one.scope == scope && count++ < kMost) {
      text += (text.empty() ? "" : ", ") + one.label + " (" + print_duration(round_down(one.age)) + ")";
    }
  }
  return text;
}

void ShutdownRun::log_phase() {
  const Phase phase = machine_.phase();
  if (machine_.begun() && std::exchange(logged_phase_, phase) != phase) {
    parts_.logger.info("phase", {{"phase", to_string(phase)}});
  }
}

/// Whether anything of the service is still running.
bool ShutdownRun::leave_the_rest() {
  bool any = false;
  for (RunningStep& step : running_) {
    any = any || (step.run && !step.ended);
    if (!step.thread.joinable()) {
      continue;
    }
    if (step.run->has_returned()) {
      step.thread.join();
    } else {
      step.thread.detach();
    }
  }
  return any || std::ranges::any_of(parts_.scopes,
                                    [](const RegisteredScope& scope) { return scope.work->in_flight() > 0; });
}

drain::DrainReport ShutdownRun::report() {
  drain::DrainReport report = machine_.report();
  for (drain::StepId id = 0; id < running_.size(); ++id) {
    if (!running_[id].run) {
      continue;
    }
    drain::StepReport& step = report.steps[id];
    const std::string notes = running_[id].run->notes();
    step.detail += (step.detail.empty() || notes.empty() ? "" : "; ") + notes;
    step.lost = running_[id].run->losses();
  }
  for (drain::StepId id = running_.size(); id < report.steps.size(); ++id) {
    report.steps[id].is_scope = true;
  }
  report.work = drain::WorkReport{
      .scopes = scope_reports(), .cuts = std::move(cut_work_), .left_running = leave_the_rest()};
  return report;
}

std::vector<drain::ScopeReport> ShutdownRun::scope_reports() const {
  std::vector<drain::ScopeReport> reports;
  for (std::size_t i = 0; i < parts_.scopes.size(); ++i) {
    const WorkRegister& work = *parts_.scopes[i].work;
    // What was cut and ended later is cut, and not finished, too.
    const std::uint64_t finished = cut_[i].left > 0 ? cut_[i].finished : work.finished();
    reports.push_back({.name = work.name,
                       .at_signal = parts_.scopes[i].at_signal,
                       .finished = finished,
                       .refused = work.refused(),
                       .cut = cut_[i].left});
  }
  return reports;
}

}  // namespace lastcall::service
