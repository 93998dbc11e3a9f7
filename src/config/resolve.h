// Resolution: which source wins for each option, and the configuration that follows from it.
// Precedence: flag > LASTCALL_* > another tool's variable (config/options.h: Alias) > settings file > what
// --compat takes over > the platform's preset (config/platform.h) > default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/arguments.h"
#include "config/environment.h"
#include "config/options.h"
#include "config/platform.h"
#include "config/run_config.h"
#include "config/settings_file.h"

namespace lastcall::config {

/// Where a value came from, the weakest first.
enum class Source : std::uint8_t { standard, preset, compat, file, alias, environment, flag };

/// What one option was set to.
struct Setting {
  const Option* option;
  Source source;
  std::string
      where;  ///< "--grace", "LASTCALL_GRACE", "HTTP_PORT", "lastcall.toml:3", "preset of Docker"; "default"
  std::string text;  ///< in the syntax of the option; empty if nothing is set
};

struct Resolved {
  RunConfig run;
  Platform platform;                  ///< whose presets hold
  std::vector<Setting> settings;      ///< one for each option, in the order of the table
  std::vector<std::string> warnings;  ///< whole sentences without a final period
};

/// The path of the settings file that --config or LASTCALL_CONFIG names; empty: none.
[[nodiscard]] std::string settings_file_path(const Arguments& arguments, const Environment& environment);

/// `surroundings`: for --platform auto. Error: status 2, naming the flag, the variable or the line of the
/// file.
[[nodiscard]] Result<Resolved> resolve(const Arguments& arguments, const Environment& environment,
                                       const SettingsFile& file = {}, const Surroundings& surroundings = {});

/// Where a value came from, with the name of its option where that does not say it: "--grace",
/// "lastcall.toml:3: grace".
[[nodiscard]] std::string origin_of(const Setting& setting);

/// What one option was set to.
[[nodiscard]] const Setting& setting_of(const Resolved& resolved, std::string_view flag);

/// The same for `lastcall check`, which has flags and defaults only: what is judged must be on the command
/// line.
[[nodiscard]] Result<CheckConfig> resolve_check(const Arguments& arguments);

/// And for what `lastcall manifest` has of its own.
[[nodiscard]] Result<ManifestConfig> resolve_manifest(const Arguments& arguments);

}  // namespace lastcall::config
