// SettingsFile: what a TOML file says about the options of `lastcall run`. It knows which keys there may be
// and of what type; what a value means is its option's affair (config/resolve.h). It opens no file. Any
// thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/options.h"

namespace lastcall::config {

struct FileSetting {
  std::vector<std::string> values;  ///< in the option's own syntax
  std::string where;                ///< "lastcall.toml:3"
};

/// By flag without dashes.
using SettingsFile = std::map<std::string, FileSetting, std::less<>>;

/// Each key is an option's flag without its dashes; a value has the type of its option (value_kind,
/// config/spelling.h), or is an array of such where the option is repeatable. `name` is the file's, for
/// errors. Error: status 2, with the place, of the first thing in the file that is wrong.
[[nodiscard]] Result<SettingsFile> parse_settings_file(const Table& table, std::string_view text,
                                                       std::string_view name);

}  // namespace lastcall::config
