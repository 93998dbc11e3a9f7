#include "proxy/answers.h"

#include <fmt/format.h>

#include "http/reason.h"

namespace lastcall::proxy {
namespace {

ErrorPage html(const Answer& answer) {
  constexpr auto kPage =
      "<!doctype html><meta charset=utf-8><title>{0} {1}</title><h1>{0} {1}</h1><p>{2}.</p>\n";
  return {"text/html; charset=utf-8",
          fmt::format(kPage, answer.status, http::reason_phrase(answer.status), answer.detail)};
}

ErrorPage problem(const Answer& answer) {
  constexpr auto kProblem =
      "{{\"type\":\"about:blank\",\"title\":\"{1}\",\"status\":{0},\"detail\":\"{2}\"}}\n";
  return {"application/problem+json",
          fmt::format(kProblem, answer.status, http::reason_phrase(answer.status), answer.detail)};
}

}  // namespace

bool wants_html(std::string_view accept) {
  return accept.find("text/html") != std::string_view::npos;
}

std::string render(const Answer& answer, const ErrorPages& pages) {
  const auto page = answer.probe ? pages.end() : pages.find(answer.status);
  const ErrorPage own = page != pages.end() ? ErrorPage{} : answer.html ? html(answer) : problem(answer);
  const ErrorPage& body = page != pages.end() ? page->second : own;
  const std::string id =
      answer.request_id.empty() ? "" : fmt::format("X-Request-ID: {}\r\n", answer.request_id);
  constexpr auto kResponse =
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n{}{}"
      "Connection: close\r\n\r\n{}";
  return fmt::format(kResponse, answer.status, http::reason_phrase(answer.status), body.type,
                     body.body.size(), answer.retry_after ? "Retry-After: 1\r\n" : "", id,
                     answer.head ? std::string_view() : body.body);
}

}  // namespace lastcall::proxy
