// How `lastcall run` tells what ends it before its time: as the log would, once the settings are known. What
// is wrong in the settings themselves is JSON only where that is asked for by name; on a terminal, and for a
// dry run, it is told as every command tells its errors.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "config/run_config.h"

namespace lastcall {

/// Returns the status to exit with.
int fail(const Error& error, const config::RunConfig& config);

/// The same where the settings in `words`, the command line, could not be read: JSON if they or
/// LASTCALL_LOG_FORMAT ask for it.
int fail_unread(const Error& error, std::span<const std::string> words);

}  // namespace lastcall
