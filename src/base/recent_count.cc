#include "base/recent_count.h"

namespace lastcall {

std::int64_t RecentCount::part_of(Time now) {
  return now.time_since_epoch() / (kMemory / kParts);
}

void RecentCount::add(Time now) {
  const std::int64_t number = part_of(now);
  Part& part = parts_[static_cast<std::size_t>(number % kParts)];
  if (part.number != number) {
    part = {.number = number};
  }
  ++part.count;
}

std::uint64_t RecentCount::count(Time now) const {
  const std::int64_t oldest = part_of(now) - kParts;
  std::uint64_t sum = 0;
  for (const Part& part : parts_) {
    sum += part.number > oldest ? part.count : 0;
  }
  return sum;
}

}  // namespace lastcall
