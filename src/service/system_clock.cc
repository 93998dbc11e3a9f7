#include "service/system_clock.h"

#include "sys/sys.h"

namespace lastcall::service {

Time SystemClock::now() const {
  return sys::now();
}

void SystemClock::wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                             Time until) {
  if (until == Time::max()) {
    condition.wait(lock);
  } else {
    condition.wait_until(lock, until);
  }
}

}  // namespace lastcall::service
