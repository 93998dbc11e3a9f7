#include "config/resolve.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "config/suggest.h"

namespace lastcall::config {
namespace {

/// The strongest source that says something about an option, in the option's own syntax.
struct Choice {
  Source source;
  std::string where;
  std::vector<std::string> values;
};

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(comma + 1);
  }
}

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    text += (text.empty() ? "" : ",") + value;
  }
  return text;
}

const std::string* find_variable(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

/// The value of another tool's variable in the option's own syntax.
Result<std::string> translate(const Alias& alias, const std::string& value) {
  if (!alias.is_bare_number()) {
    return value;
  }
  if (value.find_first_not_of("0123456789") != std::string::npos) {
    return failure(std::string(alias.name) + ": '" + value + "' is not a bare whole number",
                   "it is " + std::string(alias.unit), 2);
  }
  return std::string(alias.before) + value + std::string(alias.after);
}

Result<Choice> choose(const Option& option, const Arguments& arguments, const Environment& environment,
                      const SettingsFile& file, const Platform& platform) {
  if (const auto given = arguments.given.find(option.flag); given != arguments.given.end()) {
    auto values = option.repeatable ? given->second : std::vector{given->second.back()};
    return Choice{Source::flag, "--" + std::string(option.flag), std::move(values)};
  }
  std::string name = option.environment_name();
  if (const std::string* value = find_variable(environment, name)) {
    auto values = option.repeatable ? split_at_commas(*value) : std::vector{*value};
    return Choice{Source::environment, std::move(name), std::move(values)};
  }
  for (const Alias& alias : option.aliases) {
    if (const std::string* value = find_variable(environment, alias.name)) {
      return translate(alias, *value).map([&alias](std::string translated) {
        return Choice{Source::alias, std::string(alias.name), {std::move(translated)}};
      });
    }
  }
  if (const auto set = file.find(option.flag); set != file.end()) {
    return Choice{Source::file, set->second.where, set->second.values};
  }
  if (std::string preset = preset_of(platform, option.flag); !preset.empty()) {
    return Choice{Source::preset, "preset of " + std::string(platform.name), {std::move(preset)}};
  }
  Choice choice{Source::standard, "default", {}};
  if (!option.standard.empty()) {
    choice.values.emplace_back(option.standard);
  }
  return choice;
}

/// Where a value came from, for an error: a file's line does not name the option.
std::string named(const Option& option, const Choice& choice) {
  return choice.where + (choice.source == Source::file ? ": " + std::string(option.flag) : "");
}

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

/// Lets the strongest source of `option` set its field, and remembers it.
Result<void> resolve_option(const Option& option, const Arguments& arguments, const Environment& environment,
                            const SettingsFile& file, Resolved& resolved) {
  auto choice = choose(option, arguments, environment, file, resolved.platform);
  if (!choice) {
    return tl::unexpected(std::move(choice).error());
  }
  if (auto applied = apply(option, *choice, resolved.run); !applied) {
    return applied;
  }
  resolved.settings.push_back({&option, choice->source, choice->where, joined(choice->values)});
  return {};
}

/// Comes first: its presets stand behind every other option.
Result<void> find_platform(const Arguments& arguments, const Environment& environment,
                           const SettingsFile& file, const Surroundings& surroundings, Platform& platform) {
  const Option& option = option_called(run_table(), "platform");
  const auto choice = choose(option, arguments, environment, file, {});
  if (!choice) {
    return tl::unexpected(choice.error());
  }
  RunConfig ignored;
  if (auto applied = apply(option, *choice, ignored); !applied) {
    return applied;
  }
  const std::string& word = choice->values.back();
  platform = word == "auto" ? detect_platform(surroundings) : platform_called(word).value();
  return {};
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
  return failure(setting.where + ": " + print_duration(part) + " is longer than the whole lame duck of " +
                     print_duration(resolved.run.lame_duck_max),
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
  return fit_lame_duck(resolved, "lame-duck-min", std::min<Duration>(3s, whole / 2), run.lame_duck_min)
      .and_then([&] {
        const Duration quiet = std::min<Duration>(2s, (whole - run.lame_duck_min) / 2);
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

}  // namespace

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
  Resolved resolved;
  Result<void> outcome = find_platform(arguments, environment, file, surroundings, resolved.platform);
  for_each_option(run_table(), [&](const Option& option) {
    if (outcome) {
      outcome = resolve_option(option, arguments, environment, file, resolved);
    }
  });
  if (outcome) {
    outcome = derive(resolved);
  }
  if (!outcome) {
    return tl::unexpected(std::move(outcome).error());
  }
  resolved.warnings = misspelt_variables(environment);
  return resolved;
}

Result<CheckConfig> resolve_check(const Arguments& arguments) {
  CheckConfig config;
  Result<void> outcome;
  for_each_option(check_table(), [&](const Option& option) {
    if (outcome) {
      outcome = choose(option, arguments, {}, {}, {}).and_then([&](const Choice& choice) {
        return apply(option, choice, config);
      });
    }
  });
  if (!outcome) {
    return tl::unexpected(std::move(outcome).error());
  }
  return config;
}

}  // namespace lastcall::config
