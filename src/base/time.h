// The public header's two words for time, and what only the project itself needs. Time is always passed in:
// below floor 2 nothing reads a clock.
#pragma once

#include "lastcall/time.h"

namespace lastcall {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): 30s, 10ms everywhere

constexpr double to_seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

constexpr double to_milliseconds(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

}  // namespace lastcall
