#include "http/trailers.h"

#include <algorithm>
#include <array>

#include "http/scan.h"

namespace lastcall::http {

namespace {

constexpr std::string_view kForbidden[] = {
    "accept",
    "accept-encoding",
    "age",
    "authorization",
    "cache-control",
    "connection",
    "cookie",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "location",
    "max-forwards",
    "pragma",
    "range",
    "retry-after",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "via",
    "warning",
    "www-authenticate",
};

constexpr std::string_view kForbiddenPrefixes[] = {"content-", "if-", "proxy-", "x-forwarded-", "x-request-"};

constexpr std::size_t kMaxName = 128;

}  // namespace

bool is_trailer_allowed(std::string_view name) {
  if (name.size() > kMaxName) {
    return false;
  }
  std::array<char, kMaxName> lower{};
  std::transform(name.begin(), name.end(), lower.begin(),
                 [](char c) { return c == '_' ? '-' : to_lower(c); });
  const std::string_view text(lower.data(), name.size());
  // Made to be computed while the content goes by (RFC 9530 §2).
  if (text == "content-digest") {
    return true;
  }
  return std::find(std::begin(kForbidden), std::end(kForbidden), text) == std::end(kForbidden) &&
         std::none_of(std::begin(kForbiddenPrefixes), std::end(kForbiddenPrefixes),
                      [text](std::string_view prefix) { return text.starts_with(prefix); });
}

}  // namespace lastcall::http
