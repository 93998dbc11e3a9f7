#include "budget_text.h"
#include "commands.h"
#include "config/help.h"
#include "plan.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
int config_command(std::span<const std::string> words) {
  const auto line = read_command_line(words);
  if (!line) {
    return complain(line.error());
  }
  for (const std::string& warning : line->resolved.warnings) {
    sys::write_all(2, "lastcall: " + warning + "\n");
  }
  const auto budget = make_budget(line->resolved);
  if (!budget) {
    return complain(budget.error());
  }
  if (!budget->warning.empty()) {
    sys::write_all(2, "lastcall: " + budget->warning + "\n");
  }
  return print(config::describe(line->resolved) + "\nplatform: " + describe_platform(line->resolved) +
               "\na shutdown: " + describe_budget(line->resolved, budget->plan) + "\n");
}

}  // namespace lastcall
