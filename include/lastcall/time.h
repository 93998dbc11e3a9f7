// The library's two words for time.
#pragma once

#include <chrono>

namespace lastcall {

using Duration = std::chrono::nanoseconds;

/// An instant on the monotonic clock.
using Time = std::chrono::time_point<std::chrono::steady_clock, Duration>;

}  // namespace lastcall
