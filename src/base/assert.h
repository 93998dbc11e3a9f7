// LASTCALL_ASSERT: a bug stops the process at once, in release builds too. Operating errors use
// base/result.h.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace lastcall {

[[noreturn]] inline void stop_on_bug(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "lastcall: bug: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace lastcall

#define LASTCALL_ASSERT(condition)                     \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::lastcall::stop_on_bug(#condition, __FILE__, __LINE__))
