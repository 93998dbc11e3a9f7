// The sub-commands, as completion and the manual know them. What each does is apps/lastcall's affair.
#pragma once

#include <span>
#include <string_view>

#include "config/options.h"

namespace lastcall::config {

struct Command {
  std::string_view name;
  std::string_view summary;
  std::span<const Table* const> tables{};  ///< of its options
  std::string_view flags{};     ///< those that stand in no table: "--undo --control=", = before a file
  std::string_view operands{};  ///< what its first word can be, in words
};

[[nodiscard]] std::span<const Command> commands();

}  // namespace lastcall::config
