#include "http/target.h"

#include <algorithm>

#include "http/scan.h"

namespace lastcall::http {

namespace {

bool is_ip_literal(std::string_view text) {
  return text.size() > 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is(c, kHost) || c == ':'; });
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return is(c, kDigit); });
}

const char* read_absolute(std::string_view raw, RequestHead& head) {
  const std::size_t colon = raw.find("://");
  const std::string_view scheme = raw.substr(0, colon);
  if (colon == std::string_view::npos || (!equals_lower(scheme, "http") && !equals_lower(scheme, "https"))) {
    return "target in no known form";
  }
  const std::string_view rest = raw.substr(colon + 3);
  const std::size_t slash = rest.find('/');
  head.authority = rest.substr(0, slash);
  if (head.authority.empty() || head.authority.front() == ':' || !is_host(head.authority)) {
    return "malformed authority in the target";
  }
  head.host = head.authority;
  if (slash != std::string_view::npos) {
    head.target = rest.substr(slash);
  } else {
    head.target = head.method == Method::options ? "*" : "/";  // RFC 9112 §3.2.1, §3.2.4
  }
  return nullptr;
}

}  // namespace

const char* read_target(std::string_view raw, RequestHead& head) {
  head.authority = {};
  // No form has a fragment; a parser that cuts it off sees another path than one that does not.
  if (raw.find('#') != std::string_view::npos) {
    return "fragment in the target";
  }
  if (raw.front() == '/' || (raw == "*" && head.method == Method::options)) {
    head.target = raw;
  } else if (const char* why = read_absolute(raw, head)) {
    return why;
  }
  head.path = head.target.substr(0, head.target.find('?'));
  return nullptr;
}

bool is_host(std::string_view value) {
  std::size_t host_end = 0;
  if (value.starts_with('[')) {
    const std::size_t bracket = value.find(']');
    if (bracket == std::string_view::npos || !is_ip_literal(value.substr(1, bracket - 1))) {
      return false;
    }
    host_end = bracket + 1;
  } else {
    while (host_end != value.size() && is(value[host_end], kHost)) {
      ++host_end;
    }
  }
  const std::string_view rest = value.substr(host_end);
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

}  // namespace lastcall::http
