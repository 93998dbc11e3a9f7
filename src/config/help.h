// Help: an option table as text for people: --help, its page under docs/ and the output of `lastcall config`.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "config/resolve.h"

namespace lastcall::config {

/// What --help prints, wrapped to `columns` (clamped to 80…100).
[[nodiscard]] std::string help_text(const Table& table, std::size_t columns);

/// The whole of its page under docs/.
[[nodiscard]] std::string options_markdown(const Table& table);

/// By flag, in the option's own syntax: what is used where that is not what was set.
using Used = std::map<std::string_view, std::string>;

/// Every effective value and where it came from, one line each; and what was asked for, if it is another one.
[[nodiscard]] std::string describe(const Resolved& resolved, const Used& used = {});

}  // namespace lastcall::config
