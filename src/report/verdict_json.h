// Verdicts as a document for machines: JSON of schema "lastcall.check-report/1"
// (docs/check-report.md, docs/check-report.schema.json). It tells what the verdict holds and judges nothing
// itself. Any thread.
#pragma once

#include <span>
#include <string>

#include "judge/rolling.h"
#include "judge/verdict.h"

namespace lastcall::report {

/// Of one verdict, or of several: then the last is the one that counts, and the others are what it is
/// compared with. At least one. Indented, with a final newline. Valid whatever bytes the texts hold: invalid
/// UTF-8 is replaced by U+FFFD.
[[nodiscard]] std::string to_json(std::span<const judge::Verdict> verdicts);

/// The same of rolling restarts.
[[nodiscard]] std::string to_json(std::span<const judge::RollingVerdict> verdicts);

}  // namespace lastcall::report
