// Phase, as the public header defines it.
#pragma once

#include "lastcall/phase.h"

namespace lastcall::drain {

using lastcall::Phase;
using lastcall::to_string;

}  // namespace lastcall::drain
