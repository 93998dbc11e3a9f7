// The end of a step's time: kept for ending what has not ended by itself. Pure.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace lastcall {

/// A fifth of the time, at most 1 s.
constexpr Duration last_share(Duration whole) {
  return std::clamp<Duration>(whole / 5, Duration::zero(), 1s);
}

}  // namespace lastcall
