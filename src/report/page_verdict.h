// The parts of a verdict as the page shows them, alone or in a column of a comparison. Pure; any thread.
#pragma once

#include "judge/verdict.h"
#include "report/html.h"
#include "report/page_chart.h"

namespace lastcall::report::page {

/// What it comes to: the status, the numbers, what was run. `level` is that of its heading.
[[nodiscard]] Html draw_headline(const judge::Verdict& verdict, int level);

[[nodiscard]] Html draw_timeline(const judge::Verdict& verdict, const Frame& frame);

/// The trials, and what became of each flow.
[[nodiscard]] Html draw_tables(const judge::Verdict& verdict);

/// What it takes to run it again, and how exact it was.
[[nodiscard]] Html draw_conditions(const judge::Verdict& verdict);

/// "bare", or what was run.
[[nodiscard]] std::string name_of(const judge::Verdict& verdict);

}  // namespace lastcall::report::page
