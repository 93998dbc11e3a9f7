#include "check/ports.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <utility>

#include "sys/sys.h"

namespace lastcall::check {
namespace {

constexpr std::uint16_t kFirstPort = 10000;
constexpr int kMaxTries = 1000;

/// The first and the last port that the kernel gives to connections.
std::pair<int, int> ports_of_connections() {
  const std::string text = sys::read_file("/proc/sys/net/ipv4/ip_local_port_range").value_or("");
  std::pair<int, int> range{32768, 60999};
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.first);
  std::from_chars(std::min(first.ptr + 1, end), end, range.second);
  return range;
}

bool is_free(std::uint16_t port) {
  return sys::UniqueFd(sys::listen_on(sys::loopback_ipv4(port), 1)).get() >= 0;
}

}  // namespace

std::uint16_t lasting_port() {
  const auto [first, last] = ports_of_connections();
  for (int i = 0; i < kMaxTries; ++i) {
    std::uint16_t port = 0;
    sys::random_bytes(std::as_writable_bytes(std::span(&port, 1)));
    if (port >= kFirstPort && (port < first || port > last) && is_free(port)) {
      return port;
    }
  }
  return 0;
}

}  // namespace lastcall::check
