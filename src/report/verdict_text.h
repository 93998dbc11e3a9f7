// A verdict as a person reads it at a terminal: the timeline, then what each clause came to, what its users
// suffer, and what to do next. Nothing here judges, and nothing writes: only words. Any thread.
#pragma once

#include <span>
#include <string>

#include "judge/verdict.h"
#include "report/text_style.h"

namespace lastcall::report {

/// In lines of at most style.columns (clamped to 72…120), with a final newline. Commands stand on one line
/// however long they are. Texts that came from outside are escaped.
[[nodiscard]] std::string to_text(const judge::Verdict& verdict, const TextStyle& style);

/// The same server in several ways, side by side, each under its title: two or three fit. In lines of at most
/// style.columns (clamped to 80…100). At least one verdict.
[[nodiscard]] std::string to_comparison(std::span<const judge::Verdict> verdicts, const TextStyle& style);

}  // namespace lastcall::report
