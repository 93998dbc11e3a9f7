#include "check/place.h"

#include <algorithm>

namespace lastcall::check {
namespace {

constexpr std::string_view kScheme = "http://";

bool has_port(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
}

}  // namespace

Result<Place> parse_place(std::string_view text) {
  if (text.starts_with('/')) {
    return Place{.target = sys::loopback_ipv4(0), .host = {}, .path = std::string(text)};
  }
  const bool only_port = text.starts_with(':');
  if (!only_port && !text.starts_with(kScheme)) {
    return failure("it is neither a path nor an http:// URL", {}, 2);
  }
  std::string_view rest = only_port ? text : text.substr(kScheme.size());
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos) {
    return failure("credentials do not belong into a URL",
                   "send them by --header 'Authorization: Basic …', whose value is shown nowhere", 2);
  }
  const std::string host = (only_port ? "127.0.0.1" : "") + std::string(authority);
  auto target = sys::parse_address(has_port(host) ? host : host + ":80");
  if (host.starts_with(':') || host.empty() || !target || target->is_unix() || target->port == 0) {
    return failure("'" + host + "' is no HOST:PORT", "HOST is an address in numbers, or localhost", 2);
  }
  rest.remove_prefix(path);
  return Place{.target = *std::move(target),
               .host = host,
               .path = (rest.starts_with('/') ? "" : "/") + std::string(rest)};
}

std::string_view without_query(std::string_view text) {
  return text.substr(0, text.find('?'));
}

}  // namespace lastcall::check
