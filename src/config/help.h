// Help: an option table as text for people: --help, its page under docs/ and the output of `lastcall config`.
#pragma once

#include <cstddef>
#include <string>

#include "config/resolve.h"

namespace lastcall::config {

/// What --help prints, wrapped to `columns` (clamped to 80…100).
[[nodiscard]] std::string help_text(const Table& table, std::size_t columns);

/// The whole of its page under docs/.
[[nodiscard]] std::string options_markdown(const Table& table);

/// Every effective value and where it came from, one line each.
[[nodiscard]] std::string describe(const Resolved& resolved);

}  // namespace lastcall::config
