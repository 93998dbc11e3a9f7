// Readiness: what probes are told (LC103). Ready only while serving; live until the very end.
#pragma once

#include "drain/phase.h"

namespace lastcall::drain {

struct Readiness {
  Phase phase = Phase::starting;
  bool app_answers = true;  ///< with a ready check: the app's own answer to the last one
  bool unready = false;     ///< asked to look unready, reversibly

  [[nodiscard]] constexpr bool ready() const { return phase == Phase::serving && app_answers && !unready; }
};

}  // namespace lastcall::drain
