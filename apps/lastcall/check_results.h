// Where the results of a check go: the verdict on stdout, and the files that were asked for.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "config/check_config.h"
#include "judge/rolling.h"
#include "judge/verdict.h"
#include "report/recording.h"

namespace lastcall {

/// Before anything runs: each file can be written, and at most one goes to stdout. Error: status 2.
[[nodiscard]] Result<void> refuse_unwritable(const config::CheckConfig& config);

/// Prints the verdicts, one or several that are compared, and writes what was asked for; whole, for us alone.
/// `recording` may be null. Error: status 2; what could be written is.
[[nodiscard]] Result<void> deliver_results(const config::CheckConfig& config,
                                           std::span<const judge::Verdict> verdicts,
                                           const report::Recording* recording);

/// The same for rolling restarts, of which there is JSON only.
[[nodiscard]] Result<void> deliver_rolling(const config::CheckConfig& config,
                                           std::span<const judge::RollingVerdict> verdicts);

}  // namespace lastcall
