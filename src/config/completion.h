// Completion: scripts that let a shell complete lastcall's commands and options, from the option tables. Any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lastcall::config {

/// The script for bash, zsh or fish. `clauses`: the ids that `lastcall explain` takes, in words. Error:
/// status 2, for another shell.
[[nodiscard]] Result<std::string> completion_script(std::string_view shell, std::string_view clauses);

}  // namespace lastcall::config
