#include "budget_text.h"

#include "base/units.h"

namespace lastcall {
namespace {

std::string part(const config::Resolved& resolved, std::string_view name, std::string_view flag,
                 Duration value, std::string_view otherwise) {
  const config::Setting& setting = setting_of(resolved, flag);
  const std::string from = setting.text.empty() ? std::string(otherwise) : setting.where;
  return std::string(name) + " " + print_duration(value) + " (" + from + ")";
}

}  // namespace

std::string describe_platform(const config::Resolved& resolved) {
  const config::Platform& platform = resolved.platform;
  if (platform.name.empty()) {
    return "none known";
  }
  const std::string_view by =
      platform.told_by.empty() ? std::string_view(setting_of(resolved, "platform").where) : platform.told_by;
  return std::string(platform.name) + " (" + std::string(by) + ")";
}

std::string describe_budget(const config::Resolved& resolved, const drain::BudgetPlan& plan) {
  const bool bounded = resolved.run.grace.has_value();
  const bool shrunk = resolved.run.drain_timeout && plan.drain < *resolved.run.drain_timeout;
  const std::string drain =
      shrunk ? "drain " + print_duration(plan.drain) + " (what is left of more)"
             : part(resolved, "drain", "drain-timeout", plan.drain, bounded ? "what is left" : "default");
  return part(resolved, "grace", "grace", plan.grace, "the sum") + " = " + drain + " + " +
         part(resolved, "app-stop", "app-stop", plan.app_stop, "default") + " + " +
         part(resolved, "reserve", "reserve", plan.reserve, "default") + "; " +
         part(resolved, "lame duck", "lame-duck", plan.lame_duck.max, "default");
}

}  // namespace lastcall
