// Sources: all that may say something about an option, and which of it counts. Private to config/
// (config/resolve.h). Any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/arguments.h"
#include "config/environment.h"
#include "config/platform.h"
#include "config/resolve.h"
#include "config/settings_file.h"

namespace lastcall::config {

struct Sources {
  const Arguments& arguments;
  const Environment& environment;
  const SettingsFile& file;
  Compat compat = Compat::none;
  Platform platform{};
};

/// The strongest source that says something about an option, in the option's own syntax.
struct Choice {
  Source source;
  std::string where;
  std::vector<std::string> values;
};

/// Error: status 2, if another tool's variable has no value that it could have.
[[nodiscard]] Result<Choice> choose(const Option& option, const Sources& sources);

/// Where a value came from, for an error: a file's line does not name the option.
[[nodiscard]] std::string named(const Option& option, const Choice& choice);

/// Sets the option's field. Error: status 2, naming where the value came from.
template <class Config>
Result<void> apply(const Option& option, const Choice& choice, Config& config) {
  const SetterOf<Config> set = std::get<SetterOf<Config>>(option.set);
  for (const std::string& value : choice.values) {
    if (auto done = set(config, value); !done) {
      Error error = std::move(done).error();
      error.what = named(option, choice) + ": " + error.what;
      return tl::unexpected(std::move(error));
    }
  }
  return {};
}

}  // namespace lastcall::config
