// SystemClock: the kernel's monotonic clock. Any thread.
#pragma once

#include "lastcall/clock.h"

namespace lastcall::service {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                  Time until) override;
};

}  // namespace lastcall::service
