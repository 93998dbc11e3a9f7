// The findings of a verdict in the order in which they matter, and what to do about them. Part of to_text().
// Any thread.
#pragma once

#include <string>

#include "judge/verdict.h"
#include "report/text_style.h"

namespace lastcall::report {

/// Failed ones with their evidence, inconclusive ones with what would settle them, and the rest in a few
/// lines.
[[nodiscard]] std::string findings_text(const judge::Verdict& verdict, const TextStyle& style);

/// What would settle an inconclusive finding, in a line.
[[nodiscard]] std::string how_to_settle(const judge::Verdict& verdict, const judge::Finding& finding);

/// What mends the failures, and the commands to go on with. How far the client itself may be trusted.
[[nodiscard]] std::string next_steps(const judge::Verdict& verdict, const TextStyle& style);

}  // namespace lastcall::report
