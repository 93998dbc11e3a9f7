// How the platform and the budget of a shutdown are told: at the start of `run` and by `config`.
#pragma once

#include <string>

#include "config/resolve.h"
#include "drain/budget.h"

namespace lastcall {

/// "Docker (/.dockerenv)", "Docker (--platform)", "none known".
[[nodiscard]] std::string describe_platform(const config::Resolved& resolved);

/// "grace 10s (preset of Docker) = drain 5.667s (what is left) + …; lame duck 0 (default)": each part, and
/// where it came from.
[[nodiscard]] std::string describe_budget(const config::Resolved& resolved, const drain::BudgetPlan& plan);

}  // namespace lastcall
