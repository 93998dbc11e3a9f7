// AtDeadline: calls a function once, from a thread of its own, when an instant has come or a stop is asked
// for, unless it is destroyed before. It bounds calls that know no deadline: the function wakes whoever is
// blocked. Not a timer for many: each costs a thread.
#pragma once

#include <functional>
#include <stop_token>
#include <thread>

#include "base/time.h"

namespace lastcall::sys {

class AtDeadline {
 public:
  AtDeadline(Time deadline, std::stop_token stop, std::function<void()> wake);
  /// Once it has returned the function is not running and will not be called.
  ~AtDeadline() = default;
  AtDeadline(const AtDeadline&) = delete;
  AtDeadline& operator=(const AtDeadline&) = delete;

 private:
  std::jthread thread_;
};

/// Ends both directions of a socket: every call that is blocked on it, in whatever thread, returns. Does not
/// close it.
void sever(int socket);

}  // namespace lastcall::sys
