#include <algorithm>

#include "base/units.h"
#include "budget_text.h"
#include "commands.h"
#include "config/help.h"
#include "plan.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

/// What follows from the settings where nothing was set, and what is left of those that had to be cut.
config::Used used_values(const config::Resolved& resolved, const drain::BudgetPlan& plan) {
  const Duration after_lame_duck = plan.drain - plan.lame_duck.max;
  config::Used used = {{"grace", print_duration(plan.grace)},
                       {"drain-timeout", print_duration(plan.drain)},
                       {"app-stop", print_duration(plan.app_stop)},
                       {"lame-duck", print_duration(plan.lame_duck.max)},
                       {"lame-duck-min", print_duration(plan.lame_duck.min)},
                       {"lame-duck-quiet", print_duration(plan.lame_duck.quiet)},
                       {"idle-grace", print_duration(std::min(plan.idle_grace, after_lame_duck))}};
  // What is only written otherwise stays as it was: 90s is 1m30s.
  std::erase_if(used, [&](const auto& value) {
    const auto asked = parse_duration(setting_of(resolved, value.first).text);
    return asked && print_duration(*asked) == value.second;
  });
  if (resolved.run.workers == 0) {
    used.emplace("workers", std::to_string(workers_of(resolved.run)) + " (automatic)");
  }
  if (resolved.run.max_conns == 0) {
    const std::uint64_t most = connections_of(resolved.run, sys::raise_file_limit());
    used.emplace("max-conns", std::to_string(most) + " (automatic)");
  }
  return used;
}

}  // namespace

int config_command(std::span<const std::string> words) {
  if (std::ranges::find(words, "--help") != words.end() || std::ranges::find(words, "-h") != words.end()) {
    return print_help("config");
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
  return print(config::describe(line->resolved, used_values(line->resolved, budget->plan)) +
               "\nplatform: " + describe_platform(line->resolved) +
               "\na shutdown: " + describe_budget(line->resolved, budget->plan) + "\n");
}

}  // namespace lastcall
