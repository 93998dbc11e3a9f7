// Timeline: virtual time, and what is to happen when. Time moves only from one event to the next; events of
// the same instant happen in the order in which they were asked for. Nothing is ever taken back: who has
// changed his mind lets the event find that out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.h"

namespace lastcall::sim {

class Timeline {
 public:
  using Event = std::function<void()>;

  [[nodiscard]] Time now() const { return now_; }

  /// An instant that has passed counts as now.
  void at(Time when, Event event) {
    entries_.push_back({std::max(when, now_), asked_++, std::move(event)});
    std::ranges::push_heap(entries_, later);
  }

  void after(Duration delay, Event event) { at(now_ + delay, std::move(event)); }

  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// Moves to the next event's instant and lets it happen.
  void advance() {
    std::ranges::pop_heap(entries_, later);
    Entry entry = std::move(entries_.back());
    entries_.pop_back();
    now_ = entry.when;
    entry.event();
  }

 private:
  struct Entry {
    Time when;
    std::uint64_t asked;
    Event event;
  };

  static bool later(const Entry& one, const Entry& other) {
    return one.when != other.when ? one.when > other.when : one.asked > other.asked;
  }

  // Far from zero, so that no product code takes an instant for "never" that is none.
  Time now_{1h};
  std::uint64_t asked_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace lastcall::sim
