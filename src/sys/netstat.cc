#include "sys/netstat.h"

#include <charconv>

namespace lastcall::sys {
namespace {

std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

bool counts(std::string_view name) {
  return name == "SyncookiesSent" || name == "ListenOverflows" || name == "ListenDrops";
}

}  // namespace

// Each group is two lines that begin alike: its names, then its values in the same order.
std::optional<std::int64_t> sum_overflow_counters(std::string_view netstat) {
  constexpr std::string_view kGroup = "TcpExt: ";
  std::string_view names;
  while (!names.starts_with(kGroup)) {
    if (netstat.empty()) {
      return std::nullopt;
    }
    names = take_until(netstat, '\n');
  }
  std::string_view values = take_until(netstat, '\n');
  std::optional<std::int64_t> sum;
  while (!names.empty() && !values.empty()) {
    const std::string_view name = take_until(names, ' ');
    const std::string_view value = take_until(values, ' ');
    std::int64_t number = 0;
    if (counts(name) &&
        std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc()) {
      sum = sum.value_or(0) + number;
    }
  }
  return sum;
}

}  // namespace lastcall::sys
