// Several verdicts on one page: clause by clause in a table, then each verdict in a column of its own, all
// timelines on one scale. Pure; any thread.
#pragma once

#include <span>

#include "judge/verdict.h"
#include "report/page_parts.h"

namespace lastcall::report::page {

/// At least two.
[[nodiscard]] Document compare(std::span<const judge::Verdict> verdicts);

}  // namespace lastcall::report::page
