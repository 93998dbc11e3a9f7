// Delivers a drain report (LC502): the file that was asked for, the container's termination message, and the
// last log line.
#pragma once

#include <string>

#include "drain/report.h"
#include "log/logger.h"

namespace lastcall {

/// `file` may be empty. A report that cannot be written is a warning: the shutdown itself went as it went.
void deliver(const drain::DrainReport& report, const std::string& file, const log::Logger& logger);

}  // namespace lastcall
