// Inbox: the events of one shutdown on their way to the thread in run(), which feeds them to the machine.
// Shared with whatever may still have something to say after that thread has gone: then nobody reads it. Any
// thread; take() on one.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "drain/coordinator.h"
#include "lastcall/clock.h"

namespace lastcall::service {

class Inbox {
 public:
  struct Letter {
    drain::Event event;
    Time at;  ///< when it happened: whoever reads it late counts it as in time
  };

  explicit Inbox(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}

  /// A Redialled that has not been read yet says the same as one more; of the others there are at most one
  /// for each step, and as many causes as Runtime passes on.
  void post(drain::Event event);

  /// All that has come; waits for the first until `until`.
  [[nodiscard]] std::deque<Letter> take(Time until);

 private:
  const std::shared_ptr<Clock> clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool redialled_ = false;
  std::deque<Letter> letters_;
};

}  // namespace lastcall::service
