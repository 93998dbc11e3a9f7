// Address: where a socket is bound or connects to: IPv4, IPv6 or a Unix path. A value; parsing never asks a
// resolver.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lastcall::sys {

struct Address {
  enum class Family : std::uint8_t { none, ipv4, ipv6, unix_path };

  Family family = Family::none;
  std::uint8_t ip[16] = {};  ///< network order; IPv4 in the first four bytes
  std::uint16_t port = 0;    ///< host order
  std::string path{};        ///< unix_path only; a leading '@' is an abstract name

  [[nodiscard]] bool is_unix() const { return family == Family::unix_path; }

  /// The address alone, as text: "192.0.2.1", "::1"; an IPv4-mapped IPv6 address as IPv4; "unix" for a Unix
  /// socket.
  [[nodiscard]] std::string host() const;

  /// "127.0.0.1:80", "[::1]:80", "unix:/run/app.sock".
  [[nodiscard]] std::string text() const;

  /// 127.0.0.0/8, ::1, or a Unix socket.
  [[nodiscard]] bool is_loopback() const;

  /// 0.0.0.0 or ::, every address of this machine.
  [[nodiscard]] bool is_wildcard() const;

  /// An IPv4 address in IPv6's form (RFC 4291 §2.5.5.2).
  [[nodiscard]] bool is_ipv4_mapped() const;

  bool operator==(const Address&) const = default;
};

/// 127.0.0.1
[[nodiscard]] Address loopback_ipv4(std::uint16_t port);

/// Parses "HOST:PORT", "[V6]:PORT", ":PORT" (every address, dual-stack), "PORT", "localhost:PORT" (127.0.0.1)
/// and "unix:PATH". Names other than localhost are refused: a static binary has no resolver. Error: status 2.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

}  // namespace lastcall::sys
