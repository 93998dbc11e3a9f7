#include "config/settings_syntax.h"

#include <algorithm>
#include <utility>
#include <vector>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "config/spelling.h"
#include "config/suggest.h"
#include "config/utf8.h"

namespace lastcall::config {
namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::string_view kHowASettingIsWritten =
    R"(a setting is written so: grace = "30s", workers = 4, access-log = true)";

TextPosition position(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::size_t newline = before.rfind('\n');
  const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  return {.line = lines + 1, .column = newline == std::string_view::npos ? at + 1 : at - newline};
}

std::string place(std::string_view name, TextPosition where) {
  return std::string(name) + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

Failure wrong_at(const SettingsText& file, std::size_t at, const std::string& what, const std::string& fix) {
  return failure(place(file.name, position(file.text, at)) + ": " + what, fix, 2);
}

std::string_view trimmed(std::string_view text, std::string_view marks) {
  const std::size_t begin = std::min(text.find_first_not_of(marks), text.size());
  const std::size_t end = text.find_last_not_of(marks);
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end - begin + 1);
}

std::string_view line_of(std::string_view text, std::size_t number) {
  for (std::size_t line = 1; line < number; ++line) {
    const std::size_t newline = text.find('\n');
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  return trimmed(text.substr(0, text.find('\n')), kBlank);
}

/// `quote` ends the string that the character is in; empty outside strings.
Failure not_ascii(const SettingsText& file, std::size_t at, std::string_view quote) {
  const std::size_t bytes = character_size(file.text.substr(at));
  if (bytes == 0) {
    return wrong_at(file, at, "a byte that is no UTF-8", "save the file as UTF-8");
  }
  const std::string_view character = file.text.substr(at, bytes);
  const std::string escape = toml_escape(character);
  std::string fix = "write it as " + escape;
  if (quote.starts_with('\'')) {
    fix = "put the text in double quotes, and write it there as " + escape;
  } else if (quote.empty()) {
    fix = "put the text in double quotes, and write it there as " + escape +
          "; as it is it can stand in a comment only";
  }
  return wrong_at(file, at, "'" + std::string(character) + "' is not ASCII, as all but comments must be",
                  fix);
}

bool is_control(std::string_view rest) {
  const char c = rest.front();
  const bool is_line_end = c == '\n' || rest.starts_with("\r\n");
  return (c >= 0 && c < ' ' && c != '\t' && !is_line_end) || c == 0x7f;
}

Failure control_character(const SettingsText& file, std::size_t at) {
  return wrong_at(
      file, at, "a control character",
      "take it out; in double quotes it can be written as " + toml_escape(file.text.substr(at, 1)));
}

/// Where the comment that begins at `at` ends. It is UTF-8 without control characters (TOML 1.0, Comment).
Result<std::size_t> end_of_comment(const SettingsText& file, std::size_t at) {
  while (at < file.text.size() && file.text[at] != '\n') {
    const std::string_view rest = file.text.substr(at);
    const std::size_t bytes = character_size(rest);
    if (bytes == 0) {
      return not_ascii(file, at, {});
    }
    if (is_control(rest)) {
      return control_character(file, at);
    }
    at += bytes;
  }
  return at;
}

/// The string that a text is in, at a place to which it was read.
struct OpenString {
  std::string_view quote{};  ///< what ends it; empty outside strings
  std::size_t begin = 0;

  /// Reads on at `at`, where `rest` begins; says how many bytes were one.
  std::size_t read(std::string_view rest, std::size_t at) {
    if (quote.empty()) {
      return rest.front() == '"' || rest.front() == '\'' ? open(rest, at) : 1;
    }
    if (quote.front() == '"' && (rest.starts_with(R"(\\)") || rest.starts_with(R"(\")"))) {
      return 2;
    }
    return rest.starts_with(quote) ? close(rest) : 1;
  }

 private:
  std::size_t open(std::string_view rest, std::size_t at) {
    const bool in_three = rest.starts_with(R"(""")") || rest.starts_with("'''");
    quote = rest.substr(0, in_three ? 3 : 1);
    begin = at;
    return quote.size();
  }

  /// One in three quotes may end with up to two more of them.
  std::size_t close(std::string_view rest) {
    const std::string_view closed = std::exchange(quote, {});
    return closed.size() == 1 ? 1 : std::min(rest.find_first_not_of(closed), rest.size());
  }
};

/// The key of a line that is meant as a setting, whatever stands between it and its value.
struct Setting {
  std::string_view key;
  std::string_view value;
  bool has_equals = false;
};

Setting split(std::string_view line) {
  const std::size_t end = std::min(line.find_first_of("=: \t"), line.size());
  std::string_view value = trimmed(line.substr(end), kBlank);
  const bool has_equals = value.starts_with('=');
  value = trimmed(value.substr(value.starts_with('=') || value.starts_with(':') ? 1 : 0), kBlank);
  const bool is_quoted = value.starts_with('"') || value.starts_with('\'');
  value = is_quoted ? value : trimmed(value.substr(0, value.find('#')), kBlank);
  return {trimmed(line.substr(0, end), "\"'"), value, has_equals};
}

bool is_key(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// Whether there is nothing wrong with it by itself.
bool is_sound(std::string_view line) {
  return check_characters({line, {}}).has_value() && toml::parse(line).succeeded();
}

/// The line above that sets it already; 0 if there is none.
std::size_t first_line_with(std::string_view key, std::string_view text, std::size_t before) {
  for (std::size_t line = 1; line < before; ++line) {
    if (split(line_of(text, line)).key == key) {
      return line;
    }
  }
  return 0;
}

/// What somebody meant who wrote `value` without TOML's quotes, or with other marks than TOML's.
std::string meant_by(const Option& option, std::string_view value) {
  std::string meant(trimmed(value, "\"'`,;[]= \t"));
  const ValueKind kind = value_kind(option);
  if (kind == ValueKind::duration || kind == ValueKind::size) {
    std::erase(meant, ' ');
  }
  return meant;
}

Failure bad_value(const Option& option, const Setting& setting, const std::string& at) {
  const std::string flag(option.flag);
  std::string what = "'" + std::string(setting.value) + "' is no value of TOML";
  if (setting.value.empty()) {
    what = flag + " has no value";
  } else if (!setting.has_equals) {
    what = "there is no = between " + flag + " and its value";
  }
  return failure(at + ": " + what, "write it as " + line_like(option, meant_by(option, setting.value)), 2);
}

}  // namespace

Result<void> check_characters(const SettingsText& file) {
  const std::string_view text = file.text;
  OpenString string;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (static_cast<unsigned char>(rest.front()) > 0x7f) {
      return not_ascii(file, at, string.quote);
    }
    if (is_control(rest)) {
      return control_character(file, at);
    }
    if (string.quote.size() == 1 && rest.front() == '\n') {
      break;
    }
    if (string.quote.empty() && rest.front() == '#') {
      const auto end = end_of_comment(file, at);
      if (!end) {
        return tl::unexpected(end.error());
      }
      at = *end;
      continue;
    }
    at += string.read(rest, at);
  }
  if (string.quote.empty()) {
    return {};
  }
  return wrong_at(file, string.begin, "the string that begins here has no end",
                  "close it with the quotes that it began with, on the same line unless they are three");
}

Failure not_toml(const Table& table, const SettingsText& file, TextPosition where,
                 std::string_view complaint) {
  const std::string at = place(file.name, where);
  const std::string_view line = line_of(file.text, where.line);
  const Setting setting = split(line);
  const bool is_second = complaint.find("redefine") != std::string_view::npos;
  if (const std::size_t first = is_second ? first_line_with(setting.key, file.text, where.line) : 0;
      first != 0) {
    return failure(
        at + ": " + std::string(setting.key) + " is set twice, first on line " + std::to_string(first),
        "leave one of them out", 2);
  }
  if (line.starts_with('[')) {
    return is_a_table(line, at);
  }
  if (is_sound(line)) {
    return failure(at + ": the array that begins above has no end", "close it with ]", 2);
  }
  if (!is_key(setting.key)) {
    return failure(at + ": this is neither a setting nor a comment", std::string(kHowASettingIsWritten), 2);
  }
  const Option* const option = find_option(table, setting.key);
  return option == nullptr ? unknown_setting(table, setting.key, at) : bad_value(*option, setting, at);
}

Failure unknown_setting(const Table& table, std::string_view key, const std::string& where) {
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

Failure is_a_table(std::string_view name, const std::string& where) {
  return failure(where + ": " + std::string(name) + " is a table",
                 "every setting stands at the top level: grace = \"30s\"", 2);
}

}  // namespace lastcall::config
