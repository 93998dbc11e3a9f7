// The service's log: lines that a thread of spdlog's writes, so that no request waits for the disk.
#pragma once

#include <string>

#include "lastcall/coordinator.h"

namespace orders {

/// Adds the step that flushes it, the last of all.
[[nodiscard]] lastcall::Result<void> start_log(lastcall::Coordinator& coordinator);

/// Any thread.
void log_line(const std::string& line);

}  // namespace orders
