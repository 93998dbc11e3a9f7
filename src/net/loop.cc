#include "net/loop.h"

#include <utility>

#include "base/assert.h"

namespace lastcall::net {
namespace {

/// A difference to an instant that is far past would overflow, and last for ever.
Duration time_until(Time instant) {
  if (instant == Time::max()) {
    return Duration::max();
  }
  const Time now = sys::now();
  return instant > now ? instant - now : Duration::zero();
}

}  // namespace

/// What other threads want done here.
class Loop::Mailbox final : public Handler {
 public:
  Mailbox() : wake_fd_(sys::wake_create()) { LASTCALL_ASSERT(wake_fd_); }

  [[nodiscard]] int fd() const { return wake_fd_.get(); }

  void put(Task task) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = tasks_.empty();
      tasks_.push_back(std::move(task));
    }
    if (first) {
      sys::wake(wake_fd_.get());
    }
  }

  void on_events(std::uint32_t) override {
    sys::wake_drain(wake_fd_.get());
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (Task& task : tasks) {
      task();
    }
  }

 private:
  sys::UniqueFd wake_fd_;
  std::mutex mutex_;
  std::vector<Task> tasks_;
};

Loop::Loop() : poller_(sys::poller_create()), mailbox_(std::make_unique<Mailbox>()), now_(sys::now()) {
  LASTCALL_ASSERT(poller_);
  LASTCALL_ASSERT(watch(mailbox_->fd(), sys::kReadable, *mailbox_) == 0);
}

Loop::~Loop() = default;

int Loop::watch(int fd, std::uint32_t events, Handler& handler) {
  return sys::poller_add(poller_.get(), fd, events, &handler);
}

void Loop::unwatch(int fd) {
  sys::poller_remove(poller_.get(), fd);
}

void Loop::post(Task task) {
  mailbox_->put(std::move(task));
}

void Loop::retire(std::unique_ptr<Handler> handler) {
  retired_.push_back(std::move(handler));
}

void Loop::run() {
  Time wake_at = on_batch_ ? on_batch_(now_) : Time::max();
  while (!stopped_) {
    deliver(time_until(wake_at));
    wake_at = on_batch_ ? on_batch_(now_) : Time::max();
    retired_.clear();
  }
  stopped_ = false;
}

void Loop::deliver(Duration timeout) {
  sys::ReadyEvent events[256];
  const int ready = sys::poller_wait(poller_.get(), events, timeout);
  LASTCALL_ASSERT(ready >= 0);
  now_ = sys::now();
  for (int i = 0; i < ready; ++i) {
    static_cast<Handler*>(events[i].target)->on_events(events[i].events);
  }
}

}  // namespace lastcall::net
