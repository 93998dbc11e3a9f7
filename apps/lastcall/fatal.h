// How `lastcall run` tells what ends it before its time: as the log would, so that whoever reads the log as
// JSON reads no other line. On a terminal, and for a dry run, as every command tells its errors.
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
