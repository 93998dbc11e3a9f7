// AccessEntry: one request that is over, for the access log, and why it did not end well, if it did not. The
// path carries no query string.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace lastcall::proxy {

/// Why a client did not get the app's whole answer. Words of the access log: what is one stays one.
enum class AccessError : std::uint8_t {
  none,
  bad_request,         ///< refused: no HTTP, or more than the limits of a head
  body_too_large,      ///< refused: --max-body
  too_slow,            ///< the client's head or body came too slowly
  client_gone,         ///< the client left before it had everything
  starting,            ///< too many wait for the app already
  stopping,            ///< refused: the app can no longer be reached
  unreachable,         ///< no connection to the app
  no_answer,           ///< the app closed its connection instead of answering
  timeout,             ///< the app did not begin its answer in time
  bad_response,        ///< the app's answer is no HTTP that can be passed on
  response_too_large,  ///< the head of the app's answer is beyond --max-head or --max-headers
  truncated,           ///< the app broke its answer off
  cut,                 ///< by the shutdown's deadline, a force or a stream policy
};

[[nodiscard]] std::string_view to_string(AccessError error);

struct AccessEntry {
  std::string_view method;
  std::string_view path;
  std::string_view client;
  std::string_view request_id;  ///< X-Request-ID as the app got it, or our answer has it; empty: none to tell
  int status;                   ///< 0: no response was begun
  Duration took;
  std::uint64_t bytes_in;
  std::uint64_t bytes_out;
  AccessError error = AccessError::none;
};

/// The X-Request-ID among these field lines of a parsed head, if it is one that can be told: short and
/// visible.
[[nodiscard]] std::string_view find_request_id(std::string_view fields);

}  // namespace lastcall::proxy
