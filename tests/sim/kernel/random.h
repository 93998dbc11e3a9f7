// Random: the one source of chance in a simulation: the same seed gives the same numbers on every machine,
// which the distributions of the standard library do not promise. Not for secrets.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace lastcall::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// splitmix64.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// From `low` to `high`, both included.
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }

  std::size_t below(std::size_t count) { return next() % count; }

  Duration between(Duration low, Duration high) { return Duration(pick(low.count(), high.count())); }

  bool percent(int chance) { return pick(0, 99) < chance; }

 private:
  std::uint64_t state_;
};

}  // namespace lastcall::sim
