// Inherited: what this process got from whoever started it and changed for itself; a child gets it back as it
// was. Private to the Linux implementation of sys. Written before any thread starts, read by spawn().
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <optional>

namespace lastcall::sys {

struct Inherited {
  std::optional<sigset_t> signal_mask;
  bool sigchld_ignored = false;
  std::optional<rlimit> file_limit;
};

/// The one of this process.
Inherited& inherited();

}  // namespace lastcall::sys
