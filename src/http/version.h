// The HTTP-version of a start line (RFC 9112 §2.3). Not a policy: whoever reads it decides what an answer to
// it is.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/scan.h"

namespace lastcall::http {

enum class Version : std::uint8_t { supported, incomplete, unsupported, malformed };

/// Reads "HTTP/" DIGIT "." DIGIT at `at` and moves it past. supported: major version 1, whose minor versions
/// above 1 are read as 1.1 (RFC 9110 §2.5).
inline Version read_http_version(const char*& at, const char* end, bool& http10) {
  constexpr std::string_view kPrefix = "HTTP/";
  constexpr std::size_t kSize = std::string_view("HTTP/1.1").size();
  const std::string_view seen = view(at, end).substr(0, kSize);
  if (seen == "HTTP/1.1") {
    at += kSize;
    http10 = false;
    return Version::supported;
  }
  if (!seen.starts_with(kPrefix.substr(0, seen.size()))) {
    return Version::malformed;
  }
  for (std::size_t i = kPrefix.size(); i < seen.size(); ++i) {
    if (i == kPrefix.size() + 1 ? seen[i] != '.' : !is(seen[i], kDigit)) {
      return Version::malformed;
    }
  }
  if (seen.size() < kSize) {
    return Version::incomplete;
  }
  at += kSize;
  http10 = seen.back() == '0';
  return seen[kPrefix.size()] == '1' ? Version::supported : Version::unsupported;
}

}  // namespace lastcall::http
