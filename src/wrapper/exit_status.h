// The exit status of `run` (LC501): what the report adds up to, as one number. Pure.
#pragma once

#include <map>
#include <string>

#include "drain/report.h"

namespace lastcall::wrapper {

/// Of an app's exit as a shell shows it: its status, or 128 + the signal.
[[nodiscard]] int shell_status(const drain::AppReport& app);

/// A death or exit that a stop signal brings about: TERM, INT, QUIT, HUP.
[[nodiscard]] bool is_stop_signal(int signal);

/// `stop_signal`: what the app was or would have been stopped with.
///  - app killed, or forced: 1
///  - stopped by us: exit 0, death by the signal or 128 + n is clean; any other status of its own is passed
///  on, or what `remap` makes of it
///  - exited by itself while nothing was being stopped: its own status
///  - otherwise 1 if anything was cut, abandoned or killed, else 0
[[nodiscard]] int exit_status(const drain::DrainReport& report, int stop_signal,
                              const std::map<int, int>& remap = {});

/// "exited with status 3", "died of SIGSEGV"
[[nodiscard]] std::string describe_exit(const drain::AppReport& app);

}  // namespace lastcall::wrapper
