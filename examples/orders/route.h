// Route: what a request asks for. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace orders {

struct Route {
  enum class Kind : std::uint8_t { unknown, home, place, list, find, pay, feed, events };

  /// No wait for a change of an order lasts longer: a drain waits for it, too.
  static constexpr std::chrono::milliseconds kLongestWait = std::chrono::seconds(5);

  Kind kind = Kind::unknown;
  std::int64_t id = 0;
  std::chrono::milliseconds wait{};
};

[[nodiscard]] Route parse_route(std::string_view method, std::string_view target);

}  // namespace orders
