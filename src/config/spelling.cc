#include "config/spelling.h"

#include <algorithm>
#include <variant>

#include "config/setters.h"

namespace lastcall::config {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What a bare number can have been meant as.
std::string_view unit_of(ValueKind kind) {
  if (kind == ValueKind::duration) {
    return "s";
  }
  return kind == ValueKind::size ? "B" : "";
}

/// A default of 0, which is no limit or nothing at all, is no example of a value.
std::string example_of(const Option& option, ValueKind kind) {
  if (!option.standard.empty() && option.standard != "0") {
    return std::string(option.standard);
  }
  switch (kind) {
    case ValueKind::truth:
      return "on";
    case ValueKind::number:
      return "4";
    case ValueKind::duration:
      return "30s";
    case ValueKind::size:
      return "1MiB";
    case ValueKind::text:
      return std::string(option.value);
  }
  return {};
}

/// A TOML string: a literal one where a backslash or a quote would need another.
std::string quoted(std::string_view text) {
  const char quote = text.find_first_of("\"\\") == std::string_view::npos ? '"' : '\'';
  return quote + std::string(text) + quote;
}

}  // namespace

ValueKind value_kind(const Option& option) {
  if (option.takes_switch()) {
    return ValueKind::truth;
  }
  if (option.value == "N") {
    return ValueKind::number;
  }
  if (option.value == "D") {
    return ValueKind::duration;
  }
  return option.value == "SIZE" ? ValueKind::size : ValueKind::text;
}

bool takes(const Option& option, std::string_view text) {
  return std::visit(
      [text]<class Config>(SetterOf<Config> set) {
        Config scratch;
        return set(scratch, text).has_value();
      },
      option.set);
}

std::string value_like(const Option& option, std::string_view meant) {
  const ValueKind kind = value_kind(option);
  const bool is_clean = std::ranges::all_of(meant, [](char c) { return c >= ' ' && c < 0x7f && c != '\''; });
  std::string value(meant);
  if (is_number(meant)) {
    value.erase(0, std::min(meant.find_first_not_of('0'), meant.size() - 1));
  }
  if (!is_clean || !takes(option, value)) {
    const bool lacks_unit = !value.empty() && is_number(value.substr(value.size() - 1));
    value += lacks_unit ? unit_of(kind) : "";
    value = is_clean && takes(option, value) ? value : example_of(option, kind);
  }
  return value;
}

std::string line_like(const Option& option, std::string_view meant) {
  std::string value = value_like(option, meant);
  if (value_kind(option) == ValueKind::truth) {
    value = parse_switch(value).value_or(true) ? "true" : "false";
  } else if (value_kind(option) != ValueKind::number || !is_number(value)) {
    value = quoted(value);
  }
  if (option.repeatable) {
    value = "[" + value + "]";
  }
  return std::string(option.flag) + " = " + value;
}

}  // namespace lastcall::config
