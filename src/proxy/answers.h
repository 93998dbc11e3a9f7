// The answers that the proxy gives by itself: errors and drained health paths. Small and clear, as HTML for
// browsers and as problem+json (RFC 9457) for everyone else; or a page of the operator's own.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "proxy/access.h"

namespace lastcall::proxy {

inline constexpr std::string_view kBodyTooLarge = "The request body is larger than this service takes";

/// What an operator has us say with a status.
struct ErrorPage {
  std::string type;  ///< Content-Type
  std::string body;
};

using ErrorPages = std::map<int, ErrorPage>;  ///< by status

struct Answer {
  int status = 503;
  AccessError error = AccessError::none;  ///< the same for the access log, in a word
  std::string_view detail{};              ///< one sentence for a person: what happened
  bool retry_after = false;               ///< Retry-After: 1 (nothing was done for the request yet)
  bool head = false;                      ///< answers a HEAD: no body
  bool html = false;                      ///< for a browser
  bool probe = false;                     ///< to a balancer's probe: never a page
  std::string_view request_id{};          ///< X-Request-ID; empty: none
};

/// The whole response. It always says `Connection: close`.
[[nodiscard]] std::string render(const Answer& answer, const ErrorPages& pages);

/// Whether an Accept field asks for HTML.
[[nodiscard]] bool wants_html(std::string_view accept);

}  // namespace lastcall::proxy
