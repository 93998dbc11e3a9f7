// Watchdog: ends the process with status 1 when it is still there too late, whatever hangs: the heap, a lock,
// the machine itself. Its thread is made in time and needs neither once armed. On the kernel's clock, so that
// a process that was stopped acts at once when it goes on. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "base/result.h"
#include "lastcall/time.h"
#include "sys/fd.h"

namespace lastcall::service {

class Watchdog {
 public:
  /// Error: no descriptor is left.
  [[nodiscard]] static Result<std::unique_ptr<Watchdog>> create();

  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Disarms it.
  ~Watchdog();

  /// The earliest instant counts. On one thread at a time.
  void arm(Time at);

  /// main() has come as far as run(): what it then says is another thing.
  void run_called() { run_called_ = true; }

 private:
  explicit Watchdog(sys::UniqueFd alarm);

  void watch() const;

  const sys::UniqueFd alarm_;
  std::atomic<Time> at_{Time::max()};
  std::atomic<bool> disarmed_{false};
  std::atomic<bool> run_called_{false};
  std::thread thread_;
};

}  // namespace lastcall::service
