// Clock and SignalSource: the two things that a test replaces to make a shutdown run without waiting and
// without signals (lastcall/testing.h). A service never needs this header.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "lastcall/time.h"

namespace lastcall {

/// Where the library's own threads get the time from. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  [[nodiscard]] virtual Time now() const = 0;

  /// Waits on `condition` until it is notified or `until` has come; may return early. `lock` is held on
  /// entry and on return.
  virtual void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                          Time until) = 0;
};

/// Where signals come from.
class SignalSource {
 public:
  /// Called with the signal's number, one call at a time, on a thread where locks and heap are allowed.
  using Receiver = std::function<void(int signal)>;

  virtual ~SignalSource() = default;

  /// Delivers to `receiver` until stop() has returned. Called once.
  virtual void start(Receiver receiver) = 0;
  virtual void stop() = 0;
};

}  // namespace lastcall
