// Readiness: what probes are told (LC103). Ready only while serving, or, if that was asked for, until the
// lame duck is over; live until the very end, but for an app that does not answer while it should serve.
#pragma once

#include "drain/phase.h"

namespace lastcall::drain {

struct Readiness {
  Phase phase = Phase::starting;
  bool app_answers = true;       ///< with a ready check: the app's own answer to the last one
  bool unready = false;          ///< asked to look unready, reversibly
  bool while_lame_duck = false;  ///< ready until the listener closes
  bool app_lives = true;         ///< with a live check: the app's own answer to the last one

  [[nodiscard]] constexpr bool ready() const {
    const bool reachable = phase == Phase::serving || (while_lame_duck && phase == Phase::lame_duck);
    return reachable && app_answers && !unready;
  }

  [[nodiscard]] constexpr bool live() const { return phase != Phase::serving || app_lives; }
};

}  // namespace lastcall::drain
