// What `lastcall run` would do, told: the addresses, the command, and one shutdown instant by instant, each
// with the setting that it follows from. It starts nothing and asks the kernel nothing.
#pragma once

#include <string>
#include <vector>

#include "plan.h"
#include "surroundings.h"

namespace lastcall {

/// Whole lines.
[[nodiscard]] std::string describe_plan(const CommandLine& line, const Plan& plan);

/// What fits into the budget, but hardly does what it is for. Sentences without a final period.
[[nodiscard]] std::vector<std::string> doubts(const drain::BudgetPlan& budget);

}  // namespace lastcall
