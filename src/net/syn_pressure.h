// SynPressure: whether this host answered handshakes with SYN cookies, or dropped some for want of room,
// within the last minute; closing a listener then takes another way
// (ListenerClose::Options::overflowed_lately). It reads no counter itself: its owner samples
// sys::syn_queue_overflows() every few seconds and once at the close. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace lastcall::net {

class SynPressure {
 public:
  /// How long a full queue matters.
  static constexpr Duration kMemory = 60s;

  /// Takes the counter's value at `now`; the first one is the starting point. Negative: it could not be read,
  /// ignored.
  void sample(std::int64_t overflows, Time now);

  /// Whether the counter grew between two samples of which the later is at most kMemory old.
  [[nodiscard]] bool seen_lately(Time now) const;

 private:
  std::optional<std::int64_t> overflows_;
  std::optional<Time> last_growth_;
};

}  // namespace lastcall::net
