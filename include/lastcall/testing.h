// For tests of services: time that moves only when told to, and signals without a kernel.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "lastcall/clock.h"

namespace lastcall::testing {

/// Any thread. Options{.watchdog = false, .clock = clock, .signals = signals} with both of them made here.
///
/// A deadline holds exactly if the time moves only once somebody waits for it: what was due before is done
/// then. So a test raises a signal, or lets a step end, and says advance_to(the next deadline), leaving none
/// out: the abort notice comes before the drain deadline, and run() gives what was abandoned half a second
/// more. next_wake() tells which is next.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;

  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                  Time until) override;

  /// Moves the time and wakes whoever waits for it.
  void advance(Duration by);

  /// Moves the time to `instant`, once somebody waits for just that instant; hangs if nobody ever does.
  void advance_to(Time instant);

  /// Returns when somebody waits for just that instant; hangs if nobody ever does.
  void await_wake(Time instant) const;

  /// The earliest instant that somebody waits for; Time::max() if nobody waits for any.
  [[nodiscard]] Time next_wake() const;

 private:
  struct Waiter {
    std::mutex* mutex;
    std::condition_variable* condition;
    Time until;
    int wakers = 0;  ///< it must not go away while there are any
  };

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::atomic<Duration> since_start_{};
  std::vector<Waiter*> waiters_;
};

/// Any thread.
class ManualSignals final : public SignalSource {
 public:
  void start(Receiver receiver) override;
  void stop() override;

  /// As if the process had received `signal`; returns when it has been handed on: is_shutting_down() is true,
  /// but tokens are asked to stop on a thread of the library, a moment later.
  void raise(int signal);

 private:
  std::mutex mutex_;
  Receiver receiver_;
};

}  // namespace lastcall::testing
