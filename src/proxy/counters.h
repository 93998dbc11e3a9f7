// Counters of one shard: written by its thread alone, read by any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/time.h"
#include "http/head.h"

namespace lastcall::proxy {

/// A number with one writer, so that adding to it needs no locked instruction.
class Counter {
 public:
  void add(std::uint64_t more) { value_.store(get() + more, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Upper bounds of the duration histogram, in seconds (OpenTelemetry's for http.server.request.duration).
inline constexpr std::array<double, 14> kDurationBounds = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                                           0.5,   0.75, 1,     2.5,  5,     7.5, 10};
inline constexpr std::size_t kMethods = static_cast<std::size_t>(http::Method::other) + 1;
inline constexpr std::size_t kStatuses = 600;

struct alignas(64) Counters {
  Counter accepted;
  Counter bytes_in;   ///< request bytes from clients
  Counter bytes_out;  ///< response bytes to clients
  Counter retries;
  std::array<Counter, kDurationBounds.size() + 1> durations;
  Counter duration_ns;
  std::array<std::array<Counter, kStatuses>, kMethods> responses;

  void count_response(http::Method method, int status, Duration took) {
    const auto known = static_cast<std::size_t>(status) < kStatuses ? static_cast<std::size_t>(status) : 0;
    responses[static_cast<std::size_t>(method)][known].add(1);
    duration_ns.add(static_cast<std::uint64_t>(took.count()));
    const double seconds = to_seconds(took);
    std::size_t bucket = 0;
    while (bucket < kDurationBounds.size() && seconds > kDurationBounds[bucket]) {
      ++bucket;
    }
    durations[bucket].add(1);
  }
};

}  // namespace lastcall::proxy
