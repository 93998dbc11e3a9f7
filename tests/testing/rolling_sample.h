// Made-up but possible verdicts on a rolling restart, for the tests of what tells them. Always the same. Any
// thread.
#pragma once

#include "judge/rolling.h"

namespace lastcall::sample {

/// A service on its own behind HAProxy: three errors in the first of two restarts.
[[nodiscard]] judge::RollingVerdict failed_rolling();

/// The same one under `lastcall run`: none.
[[nodiscard]] judge::RollingVerdict passed_rolling();

}  // namespace lastcall::sample
