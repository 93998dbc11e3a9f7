// What is wrong with a settings file that is no TOML, or that its parser cannot take, in the words of whoever
// wrote the file. What its settings mean is config/settings_file.h. Private to config/. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/options.h"

namespace lastcall::config {

/// A place in the text: both counted from 1, the column in bytes. "lastcall.toml:3:7".
struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// The text of a settings file, and the name that errors call it by.
struct SettingsText {
  std::string_view text;
  std::string_view name;
};

/// Error: a character that the parser must not see (outside ASCII, but for comments), a byte that is no
/// UTF-8, or a string without an end.
[[nodiscard]] Result<void> check_characters(const SettingsText& file);

/// For a file that the parser refused at `where`, saying `complaint`.
[[nodiscard]] Failure not_toml(const Table& table, const SettingsText& file, TextPosition where,
                               std::string_view complaint);

/// A setting without an option. `where` stands before the complaint.
[[nodiscard]] Failure unknown_setting(const Table& table, std::string_view key, const std::string& where);

/// A table, where `where` begins.
[[nodiscard]] Failure is_a_table(std::string_view name, const std::string& where);

}  // namespace lastcall::config
