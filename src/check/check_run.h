// CheckRun: several trials of a check, one after the other, each with a server of its own. The last one of
// several repeats the signal. A trial in which our own load client was late is thrown away and run again, a
// few times in all.
#pragma once

#include <vector>

#include "base/result.h"
#include "check/plan.h"
#include "check/progress.h"
#include "judge/trial.h"

namespace lastcall::check {

/// Runs them all. Error: as TrialRun::execute(), of the first trial that failed to take place; nothing of any
/// server of ours is left.
[[nodiscard]] Result<std::vector<judge::Trial>> run_check(const Plan& plan, const ShowProgress& show);

}  // namespace lastcall::check
