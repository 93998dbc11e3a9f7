// Resolution: which source wins for each option, and the configuration that follows from it.
// Precedence: flag > LASTCALL_* > another tool's variable (config/options.h: Alias) > default.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/arguments.h"
#include "config/options.h"
#include "config/run_config.h"

namespace lastcall::config {

/// Environment variables by name. A variable that is set but empty counts as not set.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Where a value came from, the weakest first.
enum class Source : std::uint8_t { standard, alias, environment, flag };

/// What one option was set to.
struct Setting {
  const Option* option;
  Source source;
  std::string where;  ///< "--grace", "LASTCALL_GRACE", "HTTP_PORT"; "default"
  std::string text;   ///< in the syntax of the option; empty if nothing is set
};

struct Resolved {
  RunConfig run;
  std::vector<Setting> settings;      ///< one for each option, in the order of the table
  std::vector<std::string> warnings;  ///< whole sentences without a final period
};

/// Error: status 2, naming the flag or the variable.
[[nodiscard]] Result<Resolved> resolve(const Arguments& arguments, const Environment& environment);

/// The same for `lastcall check`, which has flags and defaults only: what is judged must be on the command
/// line.
[[nodiscard]] Result<CheckConfig> resolve_check(const Arguments& arguments);

}  // namespace lastcall::config
