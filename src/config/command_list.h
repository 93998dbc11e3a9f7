// The sub-commands and what each says of itself: for their own --help, for completion and for the manual.
// What they do is apps/lastcall's affair. Constant data, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/options.h"

namespace lastcall::config {

/// One that stands in no option table.
struct Flag {
  std::string_view name;     ///< "--control"
  std::string_view value{};  ///< "PATH"; "[OUT]" may be left out; empty: a switch
  std::string_view help;

  /// "--control PATH"
  [[nodiscard]] std::string text() const {
    return std::string(name) + (value.empty() ? "" : " ") + std::string(value);
  }

  [[nodiscard]] bool takes_file() const { return !value.empty() && !value.starts_with('['); }
};

struct Command {
  std::string_view name;
  std::string_view summary;
  std::span<const Table* const> tables{};  ///< of its options
  std::span<const Flag> flags{};
  std::string_view operands{};  ///< what its first word can be, in words
  std::string_view usage{};     ///< this and the next two are empty where its own table says them
  std::string_view about{};     ///< paragraphs; one that is indented keeps its lines
  std::string_view status{};    ///< its exit status, in words
};

[[nodiscard]] std::span<const Command> commands();

/// What --help prints of a command that has no table of its own, wrapped to `columns` (clamped to 80…100).
[[nodiscard]] std::string command_help(std::string_view name, std::size_t columns);

}  // namespace lastcall::config
