// An app put under `lastcall run`, by this very program: what `lastcall check --compare` compares an app on
// its own with.
#pragma once

#include "check/rolling_plan.h"
#include "check_plan.h"

namespace lastcall {

/// The same check of the same app under `lastcall run`, which is told what the check expects: its grace
/// period, a lame duck for as long as clients are still routed to it. Readiness is asked at the same path,
/// which `lastcall run` answers while it drains, or where it serves it itself if the app had none.
[[nodiscard]] CheckPlan under_lastcall(CheckPlan bare);

/// The same for replicas behind a balancer.
[[nodiscard]] check::RollingPlan under_lastcall(check::RollingPlan bare);

}  // namespace lastcall
