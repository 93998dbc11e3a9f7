#include "budget_text.h"
#include "commands.h"
#include "config/help.h"
#include "plan.h"
#include "surroundings.h"

namespace lastcall {

int config_command(std::span<const std::string> words) {
  const auto line = read_command_line(words);
  if (!line) {
    return complain(line.error());
  }
  const auto budget = make_budget(line->resolved);
  if (!budget) {
    return complain(budget.error());
  }
  caution(warnings_of(line->resolved, *budget));
  return print(config::describe(line->resolved) + "\nplatform: " + describe_platform(line->resolved) +
               "\na shutdown: " + describe_budget(line->resolved, budget->plan) + "\n");
}

}  // namespace lastcall
