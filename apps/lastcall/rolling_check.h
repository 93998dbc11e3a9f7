// `lastcall check --behind`: rolling restarts behind a balancer, of the command on its own, or also under
// `lastcall run` with --compare.
#pragma once

#include "base/result.h"
#include "check_plan.h"
#include "config/check_config.h"

namespace lastcall {

/// Runs, judges, tells and writes; the exit status. Error: what it cannot do, or what failed.
[[nodiscard]] Result<int> rolling_check(const config::CheckConfig& config, const CheckPlan& plan);

}  // namespace lastcall
