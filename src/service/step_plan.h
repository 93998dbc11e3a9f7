// What can be said of steps before they run: whether one may be added, and whether all of them fit.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "drain/budget.h"
#include "service/shutdown_run.h"

namespace lastcall::service {

/// Error: a name that is empty or taken; a step before it that is unknown, or of a later stage. What it
/// follows must be there already, so that there can be no circle.
[[nodiscard]] Result<void> check_step(const Step& step, const std::vector<RegisteredStep>& others);

/// Error: a name that a server before has; the steps are called after it.
[[nodiscard]] Result<void> check_server(const std::string& name, const std::vector<RegisteredStep>& others);

/// Budgets that add up to more than there is: stages one after the other, each as long as its longest chain.
[[nodiscard]] std::vector<std::string> budget_warnings(const std::vector<RegisteredStep>& steps,
                                                       const drain::BudgetPlan& plan);

}  // namespace lastcall::service
