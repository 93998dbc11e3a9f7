// Words: how the judge tells durations, counts, errnos and attempts. Private to judge/. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "judge/trial.h"

namespace lastcall::judge {

/// "0.4 ms", "12 ms", "1.4 s", "30 s".
[[nodiscard]] std::string told(Duration duration);

/// "1 request", "12 requests".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view what);

/// "ECONNRESET"; "errno 99" for one that no client should see.
[[nodiscard]] std::string errno_name(int error);

/// What became of a lost attempt: "slow /reports: reset after 120 ms, no byte of the response (ECONNRESET)".
[[nodiscard]] std::string told(const Observation& seen, const Flow& flow);

/// "exit 0", "died of SIGTERM", "killed after 30s", "still running".
[[nodiscard]] std::string told_exit(const Trial& trial);

}  // namespace lastcall::judge
