// wait_ready: one thread that waits for one descriptor, for libraries that are driven by poll(). Not a loop
// for many: that is net/loop.h. Any thread.
#pragma once

#include <cstdint>
#include <stop_token>

#include "base/time.h"

namespace lastcall::sys {

enum class Waited : std::uint8_t { ready, late, stopped };

/// Waits until `fd` is ready for any of `events` (kReadable, kWritable) or broken, `until` has come, or
/// `stop` is asked to stop.
[[nodiscard]] Waited wait_ready(int fd, std::uint32_t events, Time until, const std::stop_token& stop);

}  // namespace lastcall::sys
