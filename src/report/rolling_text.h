// The verdict on a rolling restart, told to a person: what users saw, beside what they saw of another command
// if several are compared. It tells what the verdict holds and judges nothing itself. Any thread.
#pragma once

#include <span>
#include <string>

#include "judge/rolling.h"
#include "report/text_style.h"

namespace lastcall::report {

/// Of one verdict, or of several side by side; at least one. Ends with the verdict in a line each. In lines
/// of at most style.columns (clamped to 80…120) but for the command.
[[nodiscard]] std::string to_text(std::span<const judge::RollingVerdict> verdicts, const TextStyle& style);

}  // namespace lastcall::report
