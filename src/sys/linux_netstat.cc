#include <errno.h>

#include "sys/netstat.h"
#include "sys/sys.h"

namespace lastcall::sys {

std::int64_t syn_queue_overflows() {
  const std::optional<std::string> netstat = read_file("/proc/net/netstat");
  if (!netstat) {
    return -ENOENT;
  }
  return sum_overflow_counters(*netstat).value_or(-ENODATA);
}

}  // namespace lastcall::sys
