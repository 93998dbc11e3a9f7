// The verdict on a rolling restart, told to a person: what users saw, beside what they saw of another command
// if several are compared. It tells what the verdict holds and judges nothing itself. Any thread.
#pragma once

#include <span>
#include <string>

#include "judge/rolling.h"

namespace lastcall::report {

/// Of one verdict, or of several side by side; at least one. Ends with the verdict in a line each.
[[nodiscard]] std::string to_text(std::span<const judge::RollingVerdict> verdicts, std::size_t columns);

}  // namespace lastcall::report
