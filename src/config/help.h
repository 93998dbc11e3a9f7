// Help: the option table as text for people: --help, docs/options.md and the output of `lastcall config`.
#pragma once

#include <cstddef>
#include <string>

#include "config/resolve.h"

namespace lastcall::config {

/// What --help prints, wrapped to `columns` (clamped to 80…100).
[[nodiscard]] std::string help_text(std::size_t columns);

/// The whole of docs/options.md.
[[nodiscard]] std::string options_markdown();

/// Every effective value and where it came from, one line each.
[[nodiscard]] std::string describe(const Resolved& resolved);

}  // namespace lastcall::config
