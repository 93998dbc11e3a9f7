// What /proc says of other processes. Snapshots: by the time one is read it may be stale.
// Private to the Linux implementation of sys.
#pragma once

#include <sys/types.h>

#include <vector>

namespace lastcall::sys {

struct ProcessEntry {
  pid_t pid;
  pid_t parent;
  pid_t group;
  bool zombie;
};

/// Every process that we may see.
[[nodiscard]] std::vector<ProcessEntry> process_table();

/// Children of the calling thread, zombies too: one read where the kernel keeps such a list, else a table.
[[nodiscard]] std::vector<pid_t> children_of_thread();

}  // namespace lastcall::sys
