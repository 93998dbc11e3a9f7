#include <sys/timerfd.h>

#include <cerrno>
#include <unistd.h>

#include "sys/sys.h"

namespace lastcall::sys {

int alarm_create() {
  const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

void alarm_set(int alarm, Time at) {
  itimerspec when{};
  if (at != Time::max()) {
    // All zero would mean never.
    const Duration since_boot = std::max<Duration>(at.time_since_epoch(), 1ns);
    when.it_value = {.tv_sec = since_boot / 1s, .tv_nsec = (since_boot % 1s).count()};
  }
  timerfd_settime(alarm, TFD_TIMER_ABSTIME, &when, nullptr);
}

void alarm_wait(int alarm) {
  std::uint64_t times = 0;
  while (::read(alarm, &times, sizeof times) < 0 && errno == EINTR) {
  }
}

}  // namespace lastcall::sys
