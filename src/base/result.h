// Result<T>, as the public header defines it. A bug is an assertion (base/assert.h), never a Result.
#pragma once

#include "lastcall/result.h"  // IWYU pragma: export
