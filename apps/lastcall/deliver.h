// Delivers a drain report (LC502): the file that was asked for, the container's termination message, and the
// last log line.
#pragma once

#include <string>

#include "drain/report.h"
#include "log/logger.h"

namespace lastcall {

/// What keeps a report from being written to `file`, as far as it is known before there is one: a sentence
/// without a final period; empty if nothing does.
[[nodiscard]] std::string doubt_delivery(const std::string& file);

/// `file` may be empty. A report that cannot be written is a warning: the shutdown itself went as it went.
void deliver(const drain::DrainReport& report, const std::string& file, const log::Logger& logger);

}  // namespace lastcall
