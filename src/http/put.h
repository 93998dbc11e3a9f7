// put: appends text to a buffer whose room the caller has seen to. Pure, any thread.
#pragma once

#include <cstring>
#include <string_view>

namespace lastcall::http {

/// Returns the end of what was written.
inline char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace lastcall::http
