#include "check/check_run.h"

#include "check/trial_run.h"

namespace lastcall::check {

Result<std::vector<judge::Trial>> run_check(const Plan& plan, const ShowProgress& show) {
  std::vector<judge::Trial> trials;
  for (std::uint32_t number = 1; number <= plan.trials; ++number) {
    const bool repeat = plan.repeat_signal && plan.trials > 1 && number == plan.trials;
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
