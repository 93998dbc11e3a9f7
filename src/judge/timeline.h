// Timeline: one trial drawn over time, a lane for each kind of client, the probes and the process. Private to
// judge/.
#pragma once

#include "judge/scene.h"
#include "judge/verdict.h"

namespace lastcall::judge {

/// At most kMaxBins bins of a round length, from a while before the signal to a while after the end.
[[nodiscard]] Timeline draw_timeline(const Scene& scene);

inline constexpr std::size_t kMaxBins = 200;

}  // namespace lastcall::judge
