// StreamEnds: when each long-lived exchange of a shard is ended during the drain: at an instant of its own,
// random over a while, so that their clients do not all come back at once (LC206, LC207). Decides when, not
// how. Belongs to one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/time.h"

namespace lastcall::proxy {

class Exchange;

/// Over how long streams are ended by a drain that has `left` until its deadline.
[[nodiscard]] Duration stream_spread(Duration left);

class StreamEnds {
 public:
  /// Of an exchange in the queue, kept with it.
  class Place {
   private:
    friend class StreamEnds;
    static constexpr std::size_t kNone = SIZE_MAX;
    std::size_t slot_ = kNone;
  };

  /// Those that are added from now on end before `spread` is over.
  void begin(Time now, Duration spread);

  /// After the spread its turn comes at once.
  void add(Exchange& exchange, Time now);

  /// Does nothing if it is not there.
  void remove(Exchange& exchange);

  /// Ends whose turn has come; returns when the next one's does, Time::max() if none is left.
  Time expire(Time now);

 private:
  [[nodiscard]] Time first_of_waiting(Time now);
  [[nodiscard]] Exchange& take_any();
  [[nodiscard]] double random();

  std::vector<Exchange*> waiting_;
  Time until_{};
  Time next_ = Time::max();
  std::minstd_rand generator_;
};

}  // namespace lastcall::proxy
