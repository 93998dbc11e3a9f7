// Completion: scripts that let a shell complete lastcall's commands and options, from the option tables. Any
// thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/options.h"

namespace lastcall::config {

struct CompletedCommand {
  std::string_view name;
  std::string_view summary;
  std::span<const Table* const> tables{};  ///< of its options
  std::string_view flags{};     ///< those that stand in no table: "--undo --control=", = before a file
  std::string_view operands{};  ///< what its first word can be, in words
};

/// The script for bash, zsh or fish. Error: status 2, for another shell.
[[nodiscard]] Result<std::string> completion_script(std::string_view shell,
                                                    std::span<const CompletedCommand> commands);

}  // namespace lastcall::config
