#include "service/step_plan.h"

#include <algorithm>
#include <map>

#include "base/units.h"

namespace lastcall::service {

namespace {

constexpr int kUsage = 2;

std::string quoted(const std::string& name) {
  return "\"" + name + "\"";
}

const Step* find(const std::vector<RegisteredStep>& steps, const std::string& name) {
  const auto found = std::ranges::find(
      steps, name, [](const RegisteredStep& one) -> const std::string& { return one.step.name; });
  return found == steps.end() ? nullptr : &found->step;
}

/// The time that the budgets of each stage ask for: of steps that follow each other the sum, of others the
/// longest.
std::map<Stage, Duration> needs(const std::vector<RegisteredStep>& steps) {
  std::map<Stage, Duration> longest;
  std::map<std::string, Duration> ends;
  for (const auto& [step, work] : steps) {
    if (step.budget == Duration::max()) {
      continue;
    }
    Duration begins{};
    for (const std::string& name : step.after) {
      const Step* const before = find(steps, name);
      if (before->stage == step.stage) {
        begins = std::max(begins, ends[name]);
      }
    }
    ends[step.name] = begins + step.budget;
    longest[step.stage] = std::max(longest[step.stage], ends[step.name]);
  }
  return longest;
}

}  // namespace

Result<void> check_server(const std::string& name, const std::vector<RegisteredStep>& others) {
  if (find(others, name + " listener") == nullptr && find(others, name + " connections") == nullptr) {
    return {};
  }
  return failure("there is a server " + quoted(name) + " already",
                 "give each server a name of its own: ServerOptions::name, or Server::name", kUsage);
}

Result<void> check_step(const Step& step, const std::vector<RegisteredStep>& others) {
  if (step.name.empty() || find(others, step.name) != nullptr) {
    return failure("there is a step " + quoted(step.name) + " already", "give each step a name of its own",
                   kUsage);
  }
  if (step.budget < Duration::zero()) {
    return failure("the budget of the step " + quoted(step.name) + " is below 0", {}, kUsage);
  }
  for (const std::string& name : step.after) {
    const Step* const before = find(others, name);
    if (before == nullptr) {
      return failure("the step " + quoted(step.name) + " follows " + quoted(name) + ", which there is not",
                     "add " + quoted(name) + " first", kUsage);
    }
    if (before->stage > step.stage) {
      return failure("the step " + quoted(step.name) + " (" + std::string(to_string(step.stage)) +
                         ") follows " + quoted(name) + " of a later stage (" +
                         std::string(to_string(before->stage)) + ")",
                     "give it a later stage, or the other an earlier one", kUsage);
    }
  }
  return {};
}

std::vector<std::string> budget_warnings(const std::vector<RegisteredStep>& steps,
                                         const drain::BudgetPlan& plan) {
  std::string path;
  Duration sum{};
  for (const auto& [stage, needed] : needs(steps)) {
    if (stage > Stage::work) {
      path += (path.empty() ? "" : " + ") + std::string(to_string(stage)) + " " + print_duration(needed);
      sum += std::min(needed, kMaxDuration);
    }
  }
  if (sum <= plan.app_stop) {
    return {};
  }
  return {"the budgets of the cleanup steps add up to " + print_duration(sum) + " (" + path +
          "), and cleanup has " + print_duration(plan.app_stop) + ": the last ones may be skipped"};
}

}  // namespace lastcall::service
