#include "config/settings_file.h"

#include <algorithm>
#include <sstream>
#include <utility>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "config/suggest.h"

namespace lastcall::config {
namespace {

std::string place(std::string_view name, const toml::source_region& region) {
  return std::string(name) + ":" + std::to_string(region.begin.line);
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Failure at_line(std::string_view text, std::size_t at, std::string_view name, const char* what,
                const char* fix) {
  const auto line = 1 + std::ranges::count(text.substr(0, at), '\n');
  return failure(std::string(name) + ":" + std::to_string(line) + ": " + what, fix, 2);
}

/// What must not reach the parser: to it a letter from U+00A1 to U+0499 beside a token is undefined behaviour
/// (toml++ 3.3: is_non_ascii_horizontal_whitespace), and in the wrong place a string is no string to it. And
/// a string without an end, whose error it would word obscurely.
Result<void> check_strings(std::string_view text, std::string_view name) {
  std::string_view quote;  // what ends the string that we are in
  std::size_t begin = 0;   // of that string
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    if (static_cast<unsigned char>(rest.front()) > 0x7f) {
      return at_line(text, at, name, "a character outside ASCII",
                     R"(in a comment it may stand; in double quotes write it as \u00e9)");
    }
    if (quote.size() == 1 && rest.front() == '\n') {
      break;
    }
    if (quote.empty() && rest.front() == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (quote.empty() && (rest.front() == '"' || rest.front() == '\'')) {
      quote = rest.substr(0, rest.starts_with(R"(""")") || rest.starts_with("'''") ? 3 : 1);
      begin = at;
      at += quote.size() - 1;
    } else if (quote.starts_with('"') && (rest.starts_with(R"(\\)") || rest.starts_with(R"(\")"))) {
      ++at;
    } else if (!quote.empty() && rest.starts_with(quote)) {
      // A string in three quotes may end with up to two more of them.
      at += quote.size() == 1 ? 0 : std::min(rest.find_first_not_of(quote), rest.size()) - 1;
      quote = {};
    }
  }
  if (quote.empty()) {
    return {};
  }
  return at_line(text, begin, name, "the string that begins here has no end",
                 "close it with the quotes that it began with, on the same line unless they are three");
}

Failure not_toml(const toml::parse_error& error, std::string_view name) {
  return failure(
      place(name, error.source()) + ": " + std::string(error.description()),
      "a setting is written as on the command line: grace = \"30s\", workers = 4, access-log = true", 2);
}

Failure unknown_key(const Table& table, std::string_view key, const toml::node& value,
                    const std::string& where) {
  if (value.is_table()) {
    return failure(where + ": [" + std::string(key) + "] is a table",
                   "every setting stands at the top level: grace = \"30s\"", 2);
  }
  std::vector<std::string> known;
  for_each_option(table, [&known](const Option& option) {
    if (option.in_file) {
      known.emplace_back(option.flag);
    }
  });
  const std::string meant = nearest(key, known);
  return failure(where + ": unknown setting '" + std::string(key) + "'",
                 meant.empty() ? "a setting is called as its flag: lastcall run --help lists them all"
                               : "did you mean " + meant + "?",
                 2);
}

std::string example_of(const Option& option) {
  const std::string flag(option.flag);
  if (option.takes_switch()) {
    return flag + " = true";
  }
  if (option.value == "N") {
    return flag + " = N, a whole number";
  }
  const std::string value =
      "\"" + std::string(option.standard.empty() ? option.value : option.standard) + "\"";
  return flag + " = " + (option.repeatable ? "[" + value + "]" : value);
}

Failure wrong_type(const Option& option, const toml::node& value, const std::string& where) {
  std::ostringstream type;
  type << value.type();
  return failure(where + ": " + std::string(option.flag) + " cannot be a TOML " + type.str(),
                 "write it as " + example_of(option), 2);
}

/// One scalar in the option's own syntax.
Result<std::string> text_of(const Option& option, const toml::node& value, const std::string& where) {
  if (const auto* text = value.as_string()) {
    return text->get();
  }
  if (const auto* number = value.as_integer(); number != nullptr && !option.takes_switch()) {
    return std::to_string(number->get());
  }
  if (const auto* truth = value.as_boolean(); truth != nullptr && option.takes_switch()) {
    return std::string(truth->get() ? "on" : "off");
  }
  return wrong_type(option, value, where);
}

Result<FileSetting> read_setting(const Option& option, const toml::node& value, std::string where) {
  FileSetting setting{{}, std::move(where)};
  const toml::array* const array = option.repeatable ? value.as_array() : nullptr;
  if (array == nullptr) {
    return text_of(option, value, setting.where).map([&](std::string text) {
      setting.values.push_back(std::move(text));
      return setting;
    });
  }
  for (const toml::node& element : *array) {
    auto text = text_of(option, element, setting.where);
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
  if (const auto sound = check_strings(text, name); !sound) {
    return tl::unexpected(sound.error());
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return not_toml(parsed.error(), name);
  }
  SettingsFile file;
  for (const auto& [key, value] : in_order(parsed.table())) {
    std::string where = place(name, value->source());
    const Option* const option = find_option(table, key);
    if (option == nullptr) {
      return unknown_key(table, key, *value, where);
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
