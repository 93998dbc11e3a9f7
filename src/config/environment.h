// The environment as a source of settings: lastcall's own variables, and those of other tools in the option's
// own syntax. It reads nothing: the variables are an argument. Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/options.h"

namespace lastcall::config {

/// Variables by name. One that is set but empty counts as not set.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Null if it is not set.
[[nodiscard]] const std::string* find_variable(const Environment& environment, std::string_view name);

struct Variable {
  std::string name;
  std::string value;  ///< in the syntax of the option
};

/// What another tool's variable says of `option`. With `compat`, an option for which that tool has variables
/// heeds them alone, the prefixed name first. Nothing if none is set. Error: status 2, naming the variable.
[[nodiscard]] Result<std::optional<Variable>> read_alias(const Option& option, Compat compat,
                                                         const Environment& environment);

/// The alias that `compat` brings in; null if there is none.
[[nodiscard]] const Alias* find_alias(const Option& option, Compat compat);

}  // namespace lastcall::config
