#include "http/method.h"

#include <cstddef>
#include <iterator>

namespace lastcall::http {

namespace {

/// In the order of Method.
constexpr std::string_view kNames[] = {"GET",   "HEAD",    "POST",    "PUT",   "DELETE",
                                       "PATCH", "OPTIONS", "CONNECT", "TRACE", "OTHER"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Method::other) + 1);

}  // namespace

std::string_view to_string(Method method) {
  return kNames[static_cast<std::size_t>(method)];
}

Method identify_method(std::string_view text) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Method::other); ++i) {
    if (text == kNames[i]) {
      return static_cast<Method>(i);
    }
  }
  return Method::other;
}

bool is_idempotent(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::put:
    case Method::delete_:
    case Method::options:
    case Method::trace:
      return true;
    default:
      return false;
  }
}

}  // namespace lastcall::http
