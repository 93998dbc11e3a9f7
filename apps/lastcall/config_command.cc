#include "base/units.h"
#include "commands.h"
#include "config/help.h"
#include "plan.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

std::string describe(const drain::BudgetPlan& plan) {
  return "\na shutdown: grace " + print_duration(plan.grace) + " = drain " + print_duration(plan.drain) +
         " + app-stop " + print_duration(plan.app_stop) + " + reserve " + print_duration(plan.reserve) + "\n";
}

}  // namespace

int config_command(std::span<const std::string> words) {
  const auto line = read_command_line(words);
  if (!line) {
    return complain(line.error());
  }
  for (const std::string& warning : line->resolved.warnings) {
    sys::write_all(2, "lastcall: " + warning + "\n");
  }
  const auto budget = make_budget(line->resolved.run);
  if (!budget) {
    return complain(budget.error());
  }
  if (!budget->warning.empty()) {
    sys::write_all(2, "lastcall: " + budget->warning + "\n");
  }
  return print(config::describe(line->resolved) + describe(budget->plan));
}

}  // namespace lastcall
