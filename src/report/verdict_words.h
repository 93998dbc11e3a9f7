// What the two texts on verdicts share: how a command, a loss and a list are said. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "judge/clause.h"
#include "judge/verdict.h"

namespace lastcall::report {

/// As one would type it, on one line: escaped, and quoted where a shell needs it.
[[nodiscard]] std::string command_text(std::span<const std::string> command);

/// "profile kubernetes", "grace 30s", "3 trials", "seed 7f3a".
[[nodiscard]] std::vector<std::string> conditions(const judge::Verdict& verdict);

/// Attempts after the signals, all trials together.
struct Loss {
  std::uint64_t lost = 0;
  std::uint64_t attempts = 0;
};

[[nodiscard]] Loss loss(const judge::Verdict& verdict);

/// Whether wrapping the app is enough to keep this clause.
[[nodiscard]] bool run_mends(std::string_view clause);

[[nodiscard]] std::vector<const judge::Finding*> with_status(const judge::Verdict& verdict,
                                                             judge::Status status);

/// Items after a label, in lines of at most `columns`; an item is never broken.
[[nodiscard]] std::string flow(std::string_view label, std::span<const std::string> items, std::size_t indent,
                               std::size_t columns);

}  // namespace lastcall::report
