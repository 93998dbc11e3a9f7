// A shutdown as one HTML page: the timeline drawn, the findings beside it, light and dark, on a phone and on
// paper. The page needs no network, and no script to be read. Every text from outside is escaped. Pure; any
// thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "judge/verdict.h"

namespace lastcall::report {

/// One verdict: a report. Several: side by side, on one scale of time. At least one.
[[nodiscard]] std::string to_page(std::span<const judge::Verdict> verdicts);

/// The drain report of `lastcall run` (docs/drain-report.md) as such a page. Error, status 2: it is none.
[[nodiscard]] Result<std::string> drain_report_page(std::string_view json);

}  // namespace lastcall::report
