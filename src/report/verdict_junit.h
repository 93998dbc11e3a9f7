// A judge::Verdict for CI systems: JUnit XML as Jenkins, GitLab, GitHub's reporters and junitparser read it
// (docs/check-report.md says how). It tells what the verdict holds and judges nothing itself. Any thread.
#pragma once

#include <span>
#include <string>

#include "judge/verdict.h"

namespace lastcall::report {

/// One suite, one case for each clause. Of several verdicts only the last is told: it is the one that counts,
/// and what it is compared with must not make a build red. At least one. Failed is a <failure>, inconclusive
/// an <error>: what was not proved must not look green. Well-formed whatever bytes the texts hold: control
/// characters are left out, invalid UTF-8 is replaced by U+FFFD.
[[nodiscard]] std::string to_junit(std::span<const judge::Verdict> verdicts);

}  // namespace lastcall::report
