// Loop: one thread's event loop: descriptors, a mailbox for other threads, and the wake-ups of its owners'
// timers. Not thread-safe but for post(). Owners of handlers must not destroy one while its events may still
// stand in the batch being delivered: they hand it to retire() instead.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/time.h"
#include "sys/sys.h"

namespace lastcall::net {

/// Something that receives the events of a descriptor.
class Handler {
 public:
  virtual ~Handler() = default;
  /// `events`: a set of sys::kReadable, kWritable, kError, kHangup, kPeerClosed.
  virtual void on_events(std::uint32_t events) = 0;
};

class Loop {
 public:
  using Task = std::function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int watch(int fd, std::uint32_t events, Handler& handler);
  void unwatch(int fd);

  /// Runs `task` on the loop's thread, soon. Any thread; in order.
  void post(Task task);

  /// Destroys `handler` once the present batch of events has been delivered.
  void retire(std::unique_ptr<Handler> handler);

  /// Called after every batch; returns when it wants to be called again at the latest: Time::max() is not by
  /// itself, an instant that is past is at once.
  void on_batch(std::function<Time(Time now)> hook) { on_batch_ = std::move(hook); }

  /// Delivers events until stop(); may be called again after it.
  void run();

  void stop() { stopped_ = true; }

  /// The instant at which the present batch began: one clock reading a batch.
  [[nodiscard]] Time now() const { return now_; }

 private:
  class Mailbox;

  void deliver(Duration timeout);

  sys::UniqueFd poller_;
  std::unique_ptr<Mailbox> mailbox_;
  std::function<Time(Time)> on_batch_;
  std::vector<std::unique_ptr<Handler>> retired_;
  Time now_;
  bool stopped_ = false;
};

}  // namespace lastcall::net
