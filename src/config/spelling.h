// Spelling: how the value of an option is written, on the command line and in a settings file, for the fixes
// that errors name. Private to config/. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/options.h"

namespace lastcall::config {

/// What the value of an option is, and so which type of TOML it has in a settings file.
enum class ValueKind : std::uint8_t {
  text,      ///< a string
  number,    ///< a whole number
  truth,     ///< a boolean
  duration,  ///< a string with its unit
  size,      ///< likewise
};

[[nodiscard]] ValueKind value_kind(const Option& option);

/// Whether the option's own setter takes it.
[[nodiscard]] bool takes(const Option& option, std::string_view text);

/// A value that `option` takes: `meant` if it can be that, with a unit if it lacks one; else an example.
[[nodiscard]] std::string value_like(const Option& option, std::string_view meant);

/// Its line of a settings file, with such a value: grace = "30s".
[[nodiscard]] std::string line_like(const Option& option, std::string_view meant);

}  // namespace lastcall::config
