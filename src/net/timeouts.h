// TimeoutQueue: timeouts of one and the same duration. Because it is the same for all, the queue is ordered
// by itself: starting, restarting and cancelling cost a few pointer writes, and no system call. One thread.
#pragma once

#include "base/time.h"

namespace lastcall::net {

/// What is timed derives from it; it stands in at most one queue at a time.
class TimeoutNode {
 public:
  TimeoutNode() = default;
  TimeoutNode(const TimeoutNode&) = delete;
  TimeoutNode& operator=(const TimeoutNode&) = delete;

  ~TimeoutNode() { cancel(); }

  void cancel() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = this;
  }

  /// When the timeout was started last.
  [[nodiscard]] Time since() const { return since_; }

 private:
  friend class TimeoutQueue;

  TimeoutNode* previous_ = this;
  TimeoutNode* next_ = this;
  Time since_{};
};

class TimeoutQueue {
 public:
  explicit TimeoutQueue(Duration duration) : duration_(duration) {}

  void start(TimeoutNode& node, Time now) {
    node.cancel();
    node.since_ = now;
    node.previous_ = head_.previous_;
    node.next_ = &head_;
    head_.previous_->next_ = &node;
    head_.previous_ = &node;
  }

  /// The one that waits longest, or null.
  [[nodiscard]] TimeoutNode* oldest() { return head_.next_ == &head_ ? nullptr : head_.next_; }

  /// The one that waits longest if its time is over, or null.
  [[nodiscard]] TimeoutNode* expired(Time now) {
    TimeoutNode* node = oldest();
    return node != nullptr && now >= next() ? node : nullptr;
  }

  /// When the next one expires; Time::max() if none will. A zero duration never expires.
  [[nodiscard]] Time next() const {
    return head_.next_ == &head_ || duration_ == Duration::zero() ? Time::max()
                                                                  : head_.next_->since_ + duration_;
  }

  [[nodiscard]] Duration duration() const { return duration_; }

 private:
  Duration duration_;
  TimeoutNode head_;
};

}  // namespace lastcall::net
