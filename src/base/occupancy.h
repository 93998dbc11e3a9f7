// Occupancy: a bounded number of users of one thing; whoever comes waits for a place, until it is closed, and
// who wants to end it waits until the last one has left. Unlike drain::Gate it makes threads wait. Any
// thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <stop_token>

#include "base/time.h"

namespace lastcall {

class Occupancy {
 public:
  enum class Entry : std::uint8_t { entered, closed, late };

  explicit Occupancy(std::size_t places = std::numeric_limits<std::size_t>::max()) : places_(places) {}

  /// Waits for a place until `until`. Whoever entered must leave().
  [[nodiscard]] Entry enter(Time until);
  void leave();

  /// Nobody enters any more. Returns how many are inside.
  std::size_t close();

  [[nodiscard]] bool closed() const;
  [[nodiscard]] std::size_t inside() const;

  /// Waits until nobody is inside, `until` has come, or `stop` is asked to stop: true if nobody is.
  [[nodiscard]] bool wait_until_empty(Time until, const std::stop_token& stop);

 private:
  const std::size_t places_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t inside_ = 0;
  bool closed_ = false;
};

}  // namespace lastcall
