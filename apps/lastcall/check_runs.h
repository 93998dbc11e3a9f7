// Checks carried out: a plan run and judged, or several of the same app compared.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "check_plan.h"
#include "judge/verdict.h"
#include "report/recording.h"

namespace lastcall {

/// Progress goes to stderr. Error: as check::run_check, secrets masked.
[[nodiscard]] Result<report::Recording> run_plan(const CheckPlan& plan);

[[nodiscard]] judge::Verdict judge_recording(const report::Recording& recording);

/// Runs one after the other; each verdict under its plan's title. Error: the first one.
[[nodiscard]] Result<std::vector<judge::Verdict>> compare(std::span<const CheckPlan> plans);

}  // namespace lastcall
