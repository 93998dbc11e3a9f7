#include "judge/observation.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace lastcall::judge {

std::string_view to_string(Outcome outcome) {
  static constexpr std::array<std::string_view, kOutcomes> kNames = {
      "ok", "refused", "reset", "eof", "truncated", "server_error", "timeout", "wrong", "unsent"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::uint64_t Tally::attempts() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) - (*this)[Outcome::unsent];
}

std::uint64_t Tally::lost() const {
  return attempts() - (*this)[Outcome::ok] - (*this)[Outcome::refused];
}

Tally tally(std::span<const Observation> observations, Time from, std::optional<std::uint32_t> flow) {
  Tally result;
  for (const Observation& one : observations) {
    if (one.ended >= from && one.flow == flow.value_or(one.flow)) {
      result.add(one.outcome);
    }
  }
  return result;
}

std::uint64_t in_flight(std::span<const Observation> observations, std::uint32_t flow, Time instant) {
  const auto under_way = [&](const Observation& one) {
    return one.flow == flow && one.outcome != Outcome::unsent && one.started <= instant &&
           one.ended > instant;
  };
  return static_cast<std::uint64_t>(std::count_if(observations.begin(), observations.end(), under_way));
}

Lag lag(std::span<const Observation> observations, Time from) {
  std::vector<Duration> delays;
  delays.reserve(observations.size());
  for (const Observation& one : observations) {
    if (one.outcome != Outcome::unsent && one.intended >= from) {
      delays.push_back(one.started - one.intended);
    }
  }
  if (delays.empty()) {
    return {};
  }
  const auto p99 = delays.begin() + static_cast<std::ptrdiff_t>((delays.size() - 1) * 99 / 100);
  std::nth_element(delays.begin(), p99, delays.end());
  return {.p99 = *p99, .max = *std::max_element(p99, delays.end())};
}

}  // namespace lastcall::judge
