// Pages: what the admin listener answers to a request. Pure: a request and a Source go in, a response comes
// out.
#pragma once

#include <string>
#include <string_view>

#include "admin/source.h"
#include "http/head.h"

namespace lastcall::admin {

struct Request {
  http::Method method = http::Method::get;
  std::string_view path;  ///< without the query
  std::string_view accept{};
};

struct Response {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body{};
  bool failed_probe = false;             ///< a readiness probe was told 503
  std::string_view allow = "GET, HEAD";  ///< of status 405
  bool later = false;                    ///< none yet: it follows at the end of the process
};

[[nodiscard]] Response answer(const Request& request, const Source& source);

/// In a probe's words: why the process is not ready, or "ready".
[[nodiscard]] std::string_view state_of(const StatusView& view);

/// What a request that could not be read gets.
[[nodiscard]] Response refuse(int status, std::string_view why);

/// The whole response as it goes out, always with `Connection: close`.
[[nodiscard]] std::string render(const Response& response, bool head);

}  // namespace lastcall::admin
