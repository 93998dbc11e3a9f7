#include "check/check_run.h"

#include <csignal>

#include "check/trial_run.h"

namespace lastcall::check {
namespace {

/// A second SIGINT, or SIGQUIT, asks to be quick: what it cuts is cut rightly (LC102).
bool may_be_repeated(int signal) {
  return signal != SIGINT && signal != SIGQUIT;
}

}  // namespace

Result<std::vector<judge::Trial>> run_check(const Plan& plan, const ShowProgress& show) {
  std::vector<judge::Trial> trials;
  for (std::uint32_t number = 1; number <= plan.trials; ++number) {
    const bool is_last = plan.trials > 1 && number == plan.trials;
    const bool repeat = plan.repeat_signal && is_last && may_be_repeated(plan.signal);
    TrialRun run(plan, number, repeat, show);
    auto trial = run.execute();
    if (!trial) {
      return Failure(std::move(trial).error());
    }
    trials.push_back(*std::move(trial));
  }
  return trials;
}

}  // namespace lastcall::check
