// AccessEntry: one served request, for the access log. The path carries no query string.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace lastcall::proxy {

struct AccessEntry {
  std::string_view method;
  std::string_view path;
  std::string_view client;
  std::string_view request_id;  ///< X-Request-ID as the app got it; empty: none that can be told
  int status;                   ///< 0: no response was begun
  Duration took;
  std::uint64_t bytes_in;
  std::uint64_t bytes_out;
};

}  // namespace lastcall::proxy
