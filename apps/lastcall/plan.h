// Plan: what a RunConfig means for the parts of `lastcall run`: addresses, limits, the child's command and
// environment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/resolve.h"
#include "drain/budget.h"
#include "proxy/settings.h"
#include "surroundings.h"
#include "sys/address.h"

namespace lastcall {

struct CheckedBudget {
  drain::BudgetPlan plan;
  std::string warning;  ///< empty, or a sentence
};

/// Error: somebody listens already on the port that --app-port gives the app, and would be taken for it.
[[nodiscard]] Result<void> app_port_is_free(const config::RunConfig& config);

/// Error: status 2, when the parts cannot fit into the grace period.
[[nodiscard]] Result<CheckedBudget> make_budget(const config::Resolved& resolved);

/// All that is to be told of the settings: sentences without a final period.
[[nodiscard]] std::vector<std::string> warnings_of(const config::Resolved& resolved,
                                                   const CheckedBudget& budget);

struct Plan {
  sys::Address listen;
  sys::Address upstream;
  std::vector<std::string> argv;         ///< {port} replaced by the app's port
  std::vector<std::string> environment;  ///< with PORT = the app's port
  CheckedBudget budget;
  proxy::ErrorPages error_pages;
};

/// The address that an option was set to. Error: status 2, naming where it came from.
[[nodiscard]] Result<sys::Address> address_setting(const config::Resolved& resolved, std::string_view flag);

/// `passed`: the address of a listening socket that we were started with, in place of --listen. Error: status
/// 2 for what was asked wrongly, 125 for what cannot be had.
[[nodiscard]] Result<Plan> make_plan(const CommandLine& line, const std::optional<sys::Address>& passed = {});

/// How many threads carry requests.
[[nodiscard]] unsigned workers_of(const config::RunConfig& config);

/// How many client connections there may be at once.
[[nodiscard]] std::uint64_t connections_of(const config::RunConfig& config, std::uint64_t file_limit);

[[nodiscard]] proxy::Settings proxy_settings(const config::RunConfig& config, const Plan& plan,
                                             std::uint64_t file_limit);

}  // namespace lastcall
