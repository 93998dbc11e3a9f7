// Reads counters from the text of /proc/net/netstat. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lastcall::sys {

/// The sum of the counters of group "TcpExt" that tell of a SYN queue or an accept queue that was full:
/// SyncookiesSent, ListenOverflows and ListenDrops. Nothing if the text has none of them.
[[nodiscard]] std::optional<std::int64_t> sum_overflow_counters(std::string_view netstat);

}  // namespace lastcall::sys
