// LASTCALL_ASSERT: a bug stops the process at once, in release builds too. Operating errors use
// base/result.h.
#pragma once

#include <cstdio>
#include <cstdlib>

#define LASTCALL_ASSERT(condition)                                                          \
  do {                                                                                      \
    if (!(condition)) [[unlikely]] {                                                        \
      std::fprintf(stderr, "lastcall: bug: %s at %s:%d\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                         \
    }                                                                                       \
  } while (false)
