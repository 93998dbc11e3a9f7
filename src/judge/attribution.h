// Attribution: gives each attempt lost after the signal to exactly one clause. Private to judge/.
#pragma once

#include "judge/scene.h"

namespace lastcall::judge {

/// Fills in every Seen::blame; the scene's instants and `held_by_rests` are known.
void attribute(Scene& scene);

}  // namespace lastcall::judge
