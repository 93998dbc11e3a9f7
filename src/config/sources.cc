#include "config/sources.h"

#include <utility>

namespace lastcall::config {
namespace {

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

/// The weakest sources, of which one always speaks.
Choice choose_default(const Option& option, const Sources& sources) {
  const Alias* const alias = find_alias(option, sources.compat);
  if (alias != nullptr && !alias->standard.empty()) {
    return {Source::compat, "--compat thruster", {std::string(alias->standard)}};
  }
  if (std::string preset = preset_of(sources.platform, option.flag); !preset.empty()) {
    return {Source::preset, "preset of " + std::string(sources.platform.name), {std::move(preset)}};
  }
  Choice choice{Source::standard, "default", {}};
  if (!option.standard.empty()) {
    choice.values.emplace_back(option.standard);
  }
  return choice;
}

}  // namespace

Result<Choice> choose(const Option& option, const Sources& sources) {
  const Arguments& arguments = sources.arguments;
  if (const auto given = arguments.given.find(option.flag); given != arguments.given.end()) {
    auto values = option.repeatable ? given->second : std::vector{given->second.back()};
    return Choice{Source::flag, "--" + std::string(option.flag), std::move(values)};
  }
  std::string name = option.environment_name();
  if (const std::string* value = find_variable(sources.environment, name)) {
    auto values = option.repeatable ? split_at_commas(*value) : std::vector{*value};
    return Choice{Source::environment, std::move(name), std::move(values)};
  }
  auto alias = read_alias(option, sources.compat, sources.environment);
  if (!alias) {
    return tl::unexpected(std::move(alias).error());
  }
  if (*alias) {
    return Choice{Source::alias, std::move((*alias)->name), {std::move((*alias)->value)}};
  }
  if (const auto set = sources.file.find(option.flag); set != sources.file.end()) {
    return Choice{Source::file, set->second.where, set->second.values};
  }
  return choose_default(option, sources);
}

std::string named(const Option& option, const Choice& choice) {
  return choice.where + (choice.source == Source::file ? ": " + std::string(option.flag) : "");
}

}  // namespace lastcall::config
