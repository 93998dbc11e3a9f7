#include "config/environment.h"

#include <algorithm>

#include "config/setters.h"

namespace lastcall::config {
namespace {

constexpr std::string_view kThrusterPrefix = "THRUSTER_";

/// Go's words for true and false, which Thruster takes, are on's and off's but for these.
std::string_view spelt_out(std::string_view word) {
  if (word == "t" || word == "T") {
    return "true";
  }
  return word == "f" || word == "F" ? "false" : word;
}

Result<std::string> translate_truth(const Alias& alias, const Variable& found) {
  const auto truth = parse_switch(spelt_out(found.value));
  if (!truth) {
    return failure(found.name + ": '" + found.value + "' is neither true nor false", "write 1 or 0", 2);
  }
  return std::string(*truth ? alias.when_true : alias.when_false);
}

Result<std::string> translate(const Alias& alias, const Variable& found) {
  if (alias.is_truth()) {
    return translate_truth(alias, found);
  }
  if (alias.is_bare_number() && found.value.find_first_not_of("0123456789") != std::string::npos) {
    return failure(found.name + ": '" + found.value + "' is not a bare whole number",
                   "it is " + std::string(alias.unit), 2);
  }
  return std::string(alias.before) + found.value + std::string(alias.after);
}

std::optional<Variable> find(const Alias& alias, const Environment& environment) {
  if (alias.of == Compat::thruster) {
    std::string prefixed = std::string(kThrusterPrefix) + std::string(alias.name);
    if (const std::string* const value = find_variable(environment, prefixed)) {
      return Variable{std::move(prefixed), *value};
    }
  }
  const std::string* const value = find_variable(environment, alias.name);
  return value == nullptr ? std::nullopt : std::optional(Variable{std::string(alias.name), *value});
}

}  // namespace

const std::string* find_variable(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

const Alias* find_alias(const Option& option, Compat compat) {
  const auto found = std::ranges::find(option.aliases, compat, &Alias::of);
  return compat == Compat::none || found == option.aliases.end() ? nullptr : &*found;
}

Result<std::optional<Variable>> read_alias(const Option& option, Compat compat,
                                           const Environment& environment) {
  const Compat heeded = find_alias(option, compat) == nullptr ? Compat::none : compat;
  for (const Alias& alias : option.aliases) {
    if (alias.of != heeded) {
      continue;
    }
    if (auto found = find(alias, environment)) {
      return translate(alias, *found).map([&found](std::string value) {
        found->value = std::move(value);
        return std::move(found);
      });
    }
  }
  return std::optional<Variable>();
}

}  // namespace lastcall::config
