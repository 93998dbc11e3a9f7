// What the library's measurements share: how many rounds are asked for, and one line of JSON with what they
// gave.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/time.h"

namespace lastcall::bench {

/// `PROGRAM ROUNDS`; ends the process with status 2 where that is not what was given.
inline int rounds_asked_for(int argc, char** argv) {
  const int rounds = argc == 2 ? std::atoi(argv[1]) : 0;
  if (rounds <= 0) {
    std::fprintf(stderr, "usage: %s ROUNDS\n", argv[0]);
    std::exit(2);
  }
  return rounds;
}

/// Microseconds.
inline void print(std::initializer_list<std::pair<const char*, const std::vector<Duration>&>> series) {
  const char* before = "{";
  for (const auto& [name, durations] : series) {
    std::printf("%s\"%s\": ", before, name);
    const char* opening = "[";
    for (const Duration duration : durations) {
      std::printf("%s%.1f", opening, to_milliseconds(duration) * 1000);
      opening = ", ";
    }
    std::printf("]");
    before = ", ";
  }
  std::printf("}\n");
}

}  // namespace lastcall::bench
