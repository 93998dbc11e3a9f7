#include "sys/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace lastcall::sys {
namespace {

constexpr int kUsage = 2;
constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kMaxUnixPath = 107;

Failure bad_address(std::string_view text, const char* why) {
  return failure("'" + std::string(text) + "' is not an address: " + why,
                 "write HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH", kUsage);
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_host(std::string_view host, Address& address) {
  if (host == "localhost") {
    host = "127.0.0.1";
  }
  const std::string terminated(host);
  if (inet_pton(AF_INET, terminated.c_str(), address.ip) == 1) {
    address.family = Address::Family::ipv4;
    return true;
  }
  address.family = Address::Family::ipv6;
  return inet_pton(AF_INET6, terminated.c_str(), address.ip) == 1;
}

}  // namespace

Address loopback_ipv4(std::uint16_t port) {
  return {.family = Address::Family::ipv4, .ip = {127, 0, 0, 1}, .port = port};
}

std::string Address::host() const {
  if (is_unix()) {
    return "unix";
  }
  char text[INET6_ADDRSTRLEN] = "";
  if (is_ipv4_mapped()) {
    inet_ntop(AF_INET, ip + sizeof kMappedPrefix, text, sizeof text);
  } else {
    inet_ntop(family == Family::ipv4 ? AF_INET : AF_INET6, ip, text, sizeof text);
  }
  return text;
}

bool Address::is_ipv4_mapped() const {
  return family == Family::ipv6 && std::memcmp(ip, kMappedPrefix, sizeof kMappedPrefix) == 0;
}

std::string Address::text() const {
  if (is_unix()) {
    return "unix:" + path;
  }
  const std::string bare = host();
  const bool brackets = bare.find(':') != std::string::npos;
  return (brackets ? "[" + bare + "]" : bare) + ":" + std::to_string(port);
}

bool Address::is_loopback() const {
  switch (family) {
    case Family::unix_path:
      return true;
    case Family::ipv4:
      return ip[0] == 127;
    case Family::ipv6:
      return is_ipv4_mapped() ? ip[12] == 127 : std::memcmp(ip, &in6addr_loopback, sizeof ip) == 0;
    case Family::none:
      break;
  }
  return false;
}

bool Address::is_wildcard() const {
  return !is_unix() && std::ranges::all_of(ip, [](std::uint8_t byte) { return byte == 0; });
}

Result<Address> parse_address(std::string_view text) {
  Address address;
  if (text.starts_with("unix:")) {
    address.family = Address::Family::unix_path;
    address.path = text.substr(5);
    if (address.path.empty() || address.path.size() > kMaxUnixPath) {
      return bad_address(text, "a Unix socket's path has 1 to 107 bytes");
    }
    return address;
  }
  const std::size_t colon = text.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (!parse_port(port, address.port)) {
    return bad_address(text, "the port must be a number from 0 to 65535");
  }
  std::string_view host = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
  if (host.empty()) {
    address.family = Address::Family::ipv6;  // "::" takes IPv4 too: listen_on() makes it dual-stack
    return address;
  }
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) {
    host = host.substr(1, host.size() - 2);
  }
  if (brackets != (host.find(':') != std::string_view::npos)) {
    return bad_address(text, "an IPv6 address stands in brackets");
  }
  if (!parse_host(host, address)) {
    return bad_address(text, "the host must be a number or localhost");
  }
  return address;
}

}  // namespace lastcall::sys
