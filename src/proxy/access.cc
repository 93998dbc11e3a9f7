#include "proxy/access.h"

#include "http/fields.h"
#include "http/scan.h"
#include "proxy/settings.h"

namespace lastcall::proxy {

std::string_view to_string(AccessError error) {
  constexpr std::string_view kWords[] = {
      "",          "bad_request", "body_too_large", "too_slow", "client_gone",  "starting",
      "stopping",  "unreachable", "no_answer",      "timeout",  "bad_response", "response_too_large",
      "truncated", "cut"};
  return kWords[static_cast<std::uint8_t>(error)];
}

std::string_view find_request_id(std::string_view fields) {
  const std::string_view id = http::find_field(fields, "x-request-id").value_or(std::string_view());
  const char* const end = id.data() + id.size();
  return id.size() <= kMostIdTold && http::find_invisible(id.data(), end) == end ? id : std::string_view();
}

}  // namespace lastcall::proxy
