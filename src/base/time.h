// The project's two words for time. Time is always passed in: below floor 2 nothing reads a clock.
#pragma once

#include <chrono>

namespace lastcall {

using Duration = std::chrono::nanoseconds;

/// An instant on the monotonic clock.
using Time = std::chrono::time_point<std::chrono::steady_clock, Duration>;

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): 30s, 10ms everywhere

constexpr double to_seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

constexpr double to_milliseconds(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

}  // namespace lastcall
