// What a verdict says of each clause: the broken ones in full, with what users suffer, the evidence and how
// to mend it; what is inconclusive with its reason; what holds in a line each. Pure; any thread.
#pragma once

#include "judge/verdict.h"
#include "report/html.h"

namespace lastcall::report::page {

[[nodiscard]] Html draw_findings(const judge::Verdict& verdict);

/// The clause's title, or its id if the table does not know it.
[[nodiscard]] std::string title_of(std::string_view clause);

}  // namespace lastcall::report::page
