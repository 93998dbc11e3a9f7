#include <sys/random.h>

#include <time.h>

#include "base/assert.h"
#include "sys/sys.h"

namespace lastcall::sys {

Time now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

std::int64_t wall_clock_ms() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void random_bytes(std::span<std::byte> out) {
  // At most 256 bytes at a time are never cut short by a signal (getrandom(2)).
  LASTCALL_ASSERT(out.size() <= 256);
  const ssize_t got = getrandom(out.data(), out.size(), 0);
  LASTCALL_ASSERT(got == static_cast<ssize_t>(out.size()));
}

}  // namespace lastcall::sys
