// Notifier: a thread on which the service's own short callbacks run: announcements, and whatever hangs on the
// stop tokens. One that takes long holds up the others of its notifier, but neither the machine nor the
// signals. Any thread posts.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace lastcall::service {

class Notifier {
 public:
  Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// Returns when all that was posted has been called.
  ~Notifier();

  /// Returns at once. Posted are the two tokens, the announcements and each abandoned step: a bounded number.
  void post(std::function<void()> call);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::deque<std::function<void()>> calls_;
  std::thread thread_;
};

}  // namespace lastcall::service
