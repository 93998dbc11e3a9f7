// ShutdownRun: carries one shutdown out. Feeds the machine (drain::Coordinator) with what the inbox brings,
// starts and abandons steps, closes the scopes, and keeps their part of the report. It decides nothing, and
// calls no function of the service: those run on threads of their own, or on a notifier's. Lives on the
// thread in Coordinator::run().
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "drain/coordinator.h"
#include "lastcall/step.h"
#include "log/logger.h"
#include "service/inbox.h"
#include "service/notifier.h"
#include "service/step_run.h"
#include "service/work_register.h"

namespace lastcall::service {

struct RegisteredStep {
  Step step;
  StepWork work;
};

struct RegisteredScope {
  WorkRegister* work;
  std::uint64_t at_signal;
};

class ShutdownRun {
 public:
  struct Parts {
    drain::BudgetPlan plan;
    Time start;  ///< t0
    std::vector<RegisteredStep> steps;
    std::vector<RegisteredScope> scopes;
    std::shared_ptr<Inbox> inbox;
    std::shared_ptr<Clock> clock;
    Notifier& unwinder;
    const log::Logger& logger;
    std::function<void(Phase phase)> entered;
    std::function<void()> announced;
    std::function<void()> aborted;
  };

  explicit ShutdownRun(Parts parts);

  /// `first`: what had come by the time the steps were complete; for them it happens now. Returns when the
  /// machine has finished; what is still running then is left to itself.
  [[nodiscard]] drain::DrainReport run(const std::deque<Inbox::Letter>& first);

 private:
  struct RunningStep {
    std::shared_ptr<StepRun> run{};
    std::thread thread{};
    bool ended = false;
  };

  /// What a scope still had in flight when time ran out, and what had finished by then.
  struct Cut {
    std::uint64_t left = 0;
    std::uint64_t finished = 0;
  };

  void feed(const drain::Event& event, Time at);
  void carry_out(const drain::EnterPhase& action);
  void carry_out(const drain::Announce& action);
  void carry_out(const drain::StartStep& action);
  void carry_out(const drain::AbandonStep& action);

  void carry_out(const drain::SkipStep&) {}

  void carry_out(const drain::Abort& action);

  void carry_out(const drain::Finish&) {}

  void log(const drain::StepEnded& event) const;
  void log(const drain::AbandonStep& action) const;
  void log(const drain::SkipStep& action) const;

  void log(const auto&) const {}

  void start(drain::StepId id, Time deadline);
  void close(drain::StepId id);
  void cut(drain::StepId id);
  void note_end(const drain::StepEnded& event);
  void log_phase();
  [[nodiscard]] std::string oldest_cut(std::string_view scope) const;

  [[nodiscard]] bool is_scope(drain::StepId id) const { return id >= parts_.steps.size(); }

  [[nodiscard]] std::size_t scope_index(drain::StepId id) const { return id - parts_.steps.size(); }

  [[nodiscard]] const RegisteredScope& scope(drain::StepId id) const {
    return parts_.scopes[scope_index(id)];
  }

  [[nodiscard]] bool leave_the_rest();
  [[nodiscard]] drain::DrainReport report();
  [[nodiscard]] std::vector<drain::ScopeReport> scope_reports() const;

  Parts parts_;
  drain::Coordinator machine_;
  std::vector<RunningStep> running_;  ///< by step
  std::vector<Cut> cut_;              ///< by scope
  std::vector<drain::CutWork> cut_work_;
  Phase logged_phase_ = Phase::serving;
};

}  // namespace lastcall::service
