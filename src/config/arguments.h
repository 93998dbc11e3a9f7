// Arguments: the command line of a sub-command, taken apart but not yet understood.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/options.h"

namespace lastcall::config {

struct Arguments {
  /// By flag without dashes, in the order given; a switch has "on" unless it was given a value
  /// (--access-log=off).
  std::map<std::string, std::vector<std::string>, std::less<>> given;
  std::vector<std::string> command;  ///< everything after "--"
  bool help = false;
  bool version = false;
};

/// `words` are those after the sub-command. Error: status 2; an unknown option comes with the nearest known
/// one, which may be one of `beside`: flags that the sub-command knows but not from this table.
[[nodiscard]] Result<Arguments> parse_arguments(const Table& table, std::span<const std::string> words,
                                                std::span<const std::string> beside = {});

/// The error for a sub-command without a command.
[[nodiscard]] Failure missing_command(const Table& table);

}  // namespace lastcall::config
