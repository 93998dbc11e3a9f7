#include <algorithm>

#include "budget_text.h"
#include "commands.h"
#include "config/help.h"
#include "plan.h"
#include "surroundings.h"

namespace lastcall {
namespace {

constexpr std::string_view kHelp =
    "Usage: lastcall config [OPTIONS]\n"
    "\n"
    "Prints every setting that `lastcall run` would use with the same options, in the same environment: its "
    "value,\n"
    "and the flag, the variable or the line of the file that it came from. Nothing is started.\n"
    "\n"
    "The options are those of run: lastcall help run.\n"
    "\n"
    "Exit status: 0, or 2 for settings that run would refuse.\n";

}  // namespace

int config_command(std::span<const std::string> words) {
  if (std::ranges::find(words, "--help") != words.end() || std::ranges::find(words, "-h") != words.end()) {
    return print(std::string(kHelp));
  }
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
