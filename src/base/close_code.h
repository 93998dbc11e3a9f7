// The status codes of a WebSocket's Close. Not a list of what each means. Pure, any thread.
#pragma once

namespace lastcall {

/// Whether a Close frame may carry `code` (RFC 6455 §7.4; 1012 to 1014 came by the registry).
constexpr bool close_code_may_be_sent(unsigned code) {
  const bool stands_for_none = code >= 1004 && code <= 1006;
  return (code >= 1000 && code <= 1014 && !stands_for_none) || (code >= 3000 && code <= 4999);
}

}  // namespace lastcall
