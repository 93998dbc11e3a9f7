// The null device, or what reads alike where an image has none: an empty file in memory. Private to sys/.
#pragma once

#include <sys/mman.h>

#include <fcntl.h>

#include "sys/fd.h"

namespace lastcall::sys {

/// Close-on-exec; not open only when there are no descriptors left.
inline UniqueFd open_null() {
  const int null = ::open("/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
  return UniqueFd(null >= 0 ? null : ::memfd_create("null", MFD_CLOEXEC));
}

}  // namespace lastcall::sys
