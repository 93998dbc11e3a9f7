// How a drain::DrainReport is told (LC502): as a document, as the note that a container leaves behind, as one
// log line, and to the person at the terminal. Only words and numbers: nothing here writes them anywhere, and
// nothing here judges; the report says itself whether it is clean. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "drain/report.h"
#include "log/logger.h"

namespace lastcall::report {

/// What Kubernetes keeps of a container's termination message.
inline constexpr std::size_t kMaxTerminationMessage = 4096;

/// Everything that the report holds, as indented JSON of schema "lastcall.drain-report/1"
/// (docs/drain-report.md), with a final newline. Valid whatever bytes the texts hold: invalid UTF-8 is
/// replaced by U+FFFD.
[[nodiscard]] std::string to_json(const drain::DrainReport& report);

/// The same document on one line in at most kMaxTerminationMessage bytes. What does not fit is left out
/// whole, first cuts, then steps, then details, and named in "omitted".
[[nodiscard]] std::string to_termination_message(const drain::DrainReport& report);

/// A summary of a few lines, with a final newline. Text from clients is escaped to printable ASCII.
[[nodiscard]] std::string to_text(const drain::DrainReport& report);

/// The fields of the final log event, "drain_report". They borrow their texts from `report`.
[[nodiscard]] std::vector<log::Field> to_log_fields(const drain::DrainReport& report);

}  // namespace lastcall::report
