#include "config/settings_file.h"

#include <algorithm>
#include <sstream>
#include <utility>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "config/settings_syntax.h"
#include "config/spelling.h"

namespace lastcall::config {
namespace {

std::string place(std::string_view name, const toml::source_region& region) {
  return std::string(name) + ":" + std::to_string(region.begin.line);
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::text:
      return "a string";
    case ValueKind::number:
      return "a whole number";
    case ValueKind::truth:
      return "true or false";
    case ValueKind::duration:
    case ValueKind::size:
      return "a string with its unit";
  }
  return {};
}

std::string name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a fraction";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or a time";
  }
}

/// What was written, without TOML's marks; empty where that is more than one value.
std::string text_of(const toml::node& value) {
  if (const auto* text = value.as_string()) {
    return text->get();
  }
  if (value.is_array() || value.is_table()) {
    return {};
  }
  std::ostringstream text;
  text << toml::node_view<const toml::node>(value);
  return text.str();
}

Failure wrong_type(const Option& option, const toml::node& value, const std::string& where) {
  const ValueKind kind = value_kind(option);
  return failure(
      where + ": " + std::string(option.flag) + " is " + name_of(kind) + ", not " + name_of(value.type()),
      "write it as " + line_like(option, text_of(value)), 2);
}

/// "auto", where that is a number's other value.
bool is_word_of(const Option& option, std::string_view text) {
  return (" " + std::string(option.words) + " ").find(" " + std::string(text) + " ") != std::string::npos;
}

/// One scalar in the option's own syntax, if it has the type that the option asks for.
Result<std::string> read_scalar(const Option& option, const toml::node& value, const std::string& where) {
  const ValueKind kind = value_kind(option);
  if (const auto* truth = value.as_boolean(); truth != nullptr && kind == ValueKind::truth) {
    return std::string(truth->get() ? "on" : "off");
  }
  if (const auto* number = value.as_integer(); number != nullptr && kind == ValueKind::number) {
    return std::to_string(number->get());
  }
  const auto* const text = value.as_string();
  const bool is_word = kind == ValueKind::number && text != nullptr && is_word_of(option, text->get());
  const bool is_text = kind == ValueKind::text || kind == ValueKind::duration || kind == ValueKind::size;
  if (text != nullptr && (is_text || is_word)) {
    return text->get();
  }
  return wrong_type(option, value, where);
}

Result<FileSetting> read_setting(const Option& option, const toml::node& value, std::string where) {
  FileSetting setting{{}, std::move(where)};
  const toml::array* const array = option.repeatable ? value.as_array() : nullptr;
  if (array == nullptr) {
    return read_scalar(option, value, setting.where).map([&](std::string text) {
      setting.values.push_back(std::move(text));
      return setting;
    });
  }
  for (const toml::node& element : *array) {
    auto text = read_scalar(option, element, setting.where);
    if (!text) {
      return tl::unexpected(std::move(text).error());
    }
    setting.values.push_back(*std::move(text));
  }
  return setting;
}

/// The entries as they stand in the file, so that the first mistake in it is the one that is told.
std::vector<std::pair<std::string_view, const toml::node*>> in_order(const toml::table& settings) {
  std::vector<std::pair<std::string_view, const toml::node*>> entries;
  for (const auto& [key, value] : settings) {
    entries.emplace_back(key.str(), &value);
  }
  std::ranges::sort(entries, {}, [](const auto& entry) {
    const toml::source_position begin = entry.second->source().begin;
    return std::pair(begin.line, begin.column);
  });
  return entries;
}

}  // namespace

Result<SettingsFile> parse_settings_file(const Table& table, std::string_view text, std::string_view name) {
  text.remove_prefix(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  const SettingsText whole{text, name};
  // To the parser a letter from U+00A1 to U+0499 beside a token is undefined behaviour (toml++ 3.3:
  // is_non_ascii_horizontal_whitespace), and in the wrong place a string is no string to it.
  if (const auto sound = check_characters(whole); !sound) {
    return tl::unexpected(sound.error());
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::source_position begin = parsed.error().source().begin;
    return not_toml(table, whole, {.line = begin.line, .column = begin.column}, parsed.error().description());
  }
  SettingsFile file;
  for (const auto& [key, value] : in_order(parsed.table())) {
    std::string where = place(name, value->source());
    const Option* const option = find_option(table, key);
    if (option == nullptr) {
      return value->is_table() ? is_a_table("[" + std::string(key) + "]", where)
                               : unknown_setting(table, key, where);
    }
    if (!option->in_file) {
      return failure(where + ": " + std::string(key) + " cannot be set in a file",
                     "give it as --" + std::string(key), 2);
    }
    auto setting = read_setting(*option, *value, std::move(where));
    if (!setting) {
      return tl::unexpected(std::move(setting).error());
    }
    file.emplace(key, *std::move(setting));
  }
  return file;
}

}  // namespace lastcall::config
