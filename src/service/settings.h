// Settings: what a service said in its Options, completed from the environment, the platform and the
// defaults, and checked. Pure but for read_surroundings().
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/platform.h"
#include "drain/budget.h"
#include "lastcall/options.h"

namespace lastcall::service {

/// What is outside of the process.
struct Outside {
  std::map<std::string, std::string, std::less<>> environment{};
  config::Platform platform{};
};

[[nodiscard]] Outside read_outside();

struct Settings {
  drain::BudgetPlan plan{};
  std::string grace_source{};  ///< "Options::grace", "Kubernetes", "default"
  std::vector<std::string> warnings{};
};

/// Options > GRACEFUL_SHUTDOWN_TIMEOUT_MS, HTTP_DRAIN_TIMEOUT > platform > defaults. A part that does not fit
/// into what only the environment or the platform says is clamped, with a warning. Error: status 2, parts
/// that were asked for and do not fit, each with its value and where it came from; a value out of its range.
[[nodiscard]] Result<Settings> resolve(const Options& options, const Outside& outside);

}  // namespace lastcall::service
