// RecentCount: how often something has happened within the last second. For what gets its meaning only from
// what follows it. Bounded: a sum for each part of the second. Single-threaded; time is an argument.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"

namespace lastcall {

class RecentCount {
 public:
  static constexpr Duration kMemory = 1s;

  void add(Time now);

  /// Of the last kMemory, to within a tenth of it.
  [[nodiscard]] std::uint64_t count(Time now) const;

 private:
  static constexpr int kParts = 10;

  struct Part {
    std::int64_t number = -1;  ///< since the clock's beginning
    std::uint64_t count = 0;
  };

  [[nodiscard]] static std::int64_t part_of(Time now);

  std::array<Part, kParts> parts_{};
};

}  // namespace lastcall
