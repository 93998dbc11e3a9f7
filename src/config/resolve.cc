#include "config/resolve.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "config/setters.h"
#include "config/sources.h"
#include "config/suggest.h"
#include "config/thruster.h"

namespace lastcall::config {
namespace {

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    text += (text.empty() ? "" : ",") + value;
  }
  return text;
}

/// Lets the strongest source of `option` set its field, and remembers it.
Result<void> resolve_option(const Option& option, const Sources& sources, Resolved& resolved) {
  auto choice = choose(option, sources);
  if (!choice) {
    return tl::unexpected(std::move(choice).error());
  }
  if (auto applied = apply(option, *choice, resolved.run); !applied) {
    return applied;
  }
  std::string text = joined(choice->values);
  if (option.takes_switch()) {
    text = parse_switch(text).value() ? "on" : "off";
  }
  resolved.settings.push_back({&option, choice->source, choice->where, std::move(text)});
  return {};
}

/// What decides on the sources of the other options comes before them.
Result<void> complete(Sources& sources, const Surroundings& surroundings) {
  RunConfig config;
  const auto take = [&](std::string_view flag) {
    const Option& option = option_called(run_table(), flag);
    return choose(option, sources).and_then([&](const Choice& choice) {
      return apply(option, choice, config).map([&choice] { return choice.values.back(); });
    });
  };
  return take("compat")
      .and_then([&](const std::string&) { return take("platform"); })
      .map([&](const std::string& word) {
        sources.compat = config.compat;
        sources.platform = word == "auto" ? detect_platform(surroundings) : platform_called(word).value();
      });
}

/// The lame duck's own default, or an error if what was said does not fit into its whole.
Result<void> fit_lame_duck(const Resolved& resolved, std::string_view flag, Duration standard,
                           Duration& part) {
  const Setting& setting = setting_of(resolved, flag);
  if (setting.source <= Source::preset) {
    part = standard;
    return {};
  }
  if (part <= resolved.run.lame_duck_max) {
    return {};
  }
  return failure(origin_of(setting) + ": " + print_duration(part) +
                     " is longer than the whole lame duck of " + print_duration(resolved.run.lame_duck_max) +
                     " (" + origin_of(setting_of(resolved, "lame-duck")) + ")",
                 "raise --lame-duck, which bounds it", 2);
}

Result<void> derive(Resolved& resolved) {
  RunConfig& run = resolved.run;
  run.admin_asked = setting_of(resolved, "admin").source > Source::preset;
  run.drain_timeout_may_shrink = setting_of(resolved, "drain-timeout").source == Source::alias ||
                                 setting_of(resolved, "grace").source == Source::preset;
  run.lame_duck_may_shrink = setting_of(resolved, "lame-duck").source == Source::preset;
  // Between the announcement and the end there must be room for a quiet time, or it could never be found.
  const Duration whole = run.lame_duck_max;
  return fit_lame_duck(resolved, "lame-duck-min", std::min<Duration>(3s, round_down(whole / 2)),
                       run.lame_duck_min)
      .and_then([&] {
        const Duration quiet = std::min<Duration>(2s, round_down((whole - run.lame_duck_min) / 2));
        return fit_lame_duck(resolved, "lame-duck-quiet", quiet, run.lame_duck_quiet);
      });
}

/// A misspelt variable is silent everywhere else; other LASTCALL_* names (service links of Kubernetes) are
/// nobody's error.
std::vector<std::string> misspelt_variables(const Environment& environment) {
  std::vector<std::string> known;
  for_each_option(run_table(),
                  [&known](const Option& option) { known.push_back(option.environment_name()); });
  std::vector<std::string> warnings;
  for (const auto& [name, value] : environment) {
    const bool ours = name.starts_with("LASTCALL_") && !name.starts_with("LASTCALL_PORT") &&
                      std::ranges::find(known, name) == known.end();
    const std::string meant = ours ? nearest_within(name, known, 2) : std::string();
    if (!meant.empty()) {
      warnings.push_back(std::string(name).append(" is no option; did you mean ").append(meant).append("?"));
    }
  }
  return warnings;
}

template <class Config>
Result<Config> resolve_flags(const Table& table, const Arguments& arguments) {
  const Environment no_environment;
  const SettingsFile no_file;
  const Sources sources{arguments, no_environment, no_file};
  Config config;
  Result<void> outcome;
  for_each_option(table, [&](const Option& option) {
    if (outcome) {
      outcome = choose(option, sources).and_then([&](const Choice& choice) {
        return apply(option, choice, config);
      });
    }
  });
  return outcome.map([&config] { return std::move(config); });
}

}  // namespace

std::string origin_of(const Setting& setting) {
  const bool tells = setting.source == Source::flag || setting.source == Source::environment;
  return setting.where + (tells ? "" : ": " + std::string(setting.option->flag));
}

const Setting& setting_of(const Resolved& resolved, std::string_view flag) {
  return *std::ranges::find(resolved.settings, flag,
                            [](const Setting& setting) { return setting.option->flag; });
}

std::string settings_file_path(const Arguments& arguments, const Environment& environment) {
  if (const auto given = arguments.given.find("config"); given != arguments.given.end()) {
    return given->second.back();
  }
  const std::string* const variable = find_variable(environment, "LASTCALL_CONFIG");
  return variable == nullptr ? std::string() : *variable;
}

Result<Resolved> resolve(const Arguments& arguments, const Environment& environment, const SettingsFile& file,
                         const Surroundings& surroundings) {
  Sources sources{arguments, environment, file};
  Result<void> outcome = complete(sources, surroundings);
  Resolved resolved;
  resolved.platform = sources.platform;
  for_each_option(run_table(), [&](const Option& option) {
    if (outcome) {
      outcome = resolve_option(option, sources, resolved);
    }
  });
  if (outcome) {
    outcome = derive(resolved);
  }
  if (!outcome) {
    return tl::unexpected(std::move(outcome).error());
  }
  resolved.warnings = misspelt_variables(environment);
  if (sources.compat == Compat::none) {
    return resolved;
  }
  return thruster_differences(environment).map([&resolved](const std::vector<std::string>& differences) {
    resolved.warnings.insert(resolved.warnings.end(), differences.begin(), differences.end());
    return std::move(resolved);
  });
}

Result<CheckConfig> resolve_check(const Arguments& arguments) {
  return resolve_flags<CheckConfig>(check_table(), arguments);
}

Result<ManifestConfig> resolve_manifest(const Arguments& arguments) {
  return resolve_flags<ManifestConfig>(manifest_table(), arguments);
}

}  // namespace lastcall::config
