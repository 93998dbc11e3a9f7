#include "proxy/stream_ends.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "proxy/exchange.h"
#include "proxy/settings.h"
#include "sys/sys.h"

namespace lastcall::proxy {

Duration stream_spread(Duration left) {
  return std::clamp(left / kSpreadShare, Duration::zero(), kMostSpread);
}

void StreamEnds::begin(Time now, Duration spread) {
  std::uint32_t seed = 0;
  sys::random_bytes(std::as_writable_bytes(std::span(&seed, 1)));
  generator_.seed(seed);
  until_ = now + spread;
}

void StreamEnds::add(Exchange& exchange, Time now) {
  exchange.ends_place.slot_ = waiting_.size();
  waiting_.push_back(&exchange);
  next_ = first_of_waiting(now);
}

void StreamEnds::remove(Exchange& exchange) {
  const std::size_t slot = std::exchange(exchange.ends_place.slot_, Place::kNone);
  if (slot == Place::kNone) {
    return;
  }
  waiting_[slot] = waiting_.back();
  waiting_[slot]->ends_place.slot_ = slot;
  waiting_.pop_back();
  exchange.ends_place.slot_ = Place::kNone;  // it may have been the last itself
}

Time StreamEnds::expire(Time now) {
  while (!waiting_.empty() && now >= next_) {
    Exchange& exchange = take_any();
    next_ = first_of_waiting(next_);
    exchange.end_stream();
  }
  return waiting_.empty() ? Time::max() : next_;
}

/// When the first of n independent instants comes that are uniform over what is left of the spread.
Time StreamEnds::first_of_waiting(Time now) {
  if (waiting_.empty() || now >= until_) {
    return now;
  }
  const double share = 1 - std::pow(random(), 1 / static_cast<double>(waiting_.size()));
  return now + std::chrono::duration_cast<Duration>((until_ - now) * share);
}

Exchange& StreamEnds::take_any() {
  const auto slot = static_cast<std::size_t>(random() * static_cast<double>(waiting_.size()));
  Exchange& exchange = *waiting_[slot];
  remove(exchange);
  return exchange;
}

double StreamEnds::random() {
  return std::generate_canonical<double, 32>(generator_);
}

}  // namespace lastcall::proxy
