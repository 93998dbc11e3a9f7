// The demo's words: what the clients of several runs saw, side by side, and the verdict. Pure.
#pragma once

#include <span>
#include <string>

#include "demo_run.h"

namespace lastcall::demo {

inline constexpr std::uint64_t kMinAttempts = 2000;  ///< in each window
inline constexpr std::uint64_t kMinLost = 100;       ///< in each run without lastcall's order

struct Column {
  std::string title;
  RunResult result;
};

[[nodiscard]] std::string table(std::span<const Column> columns);

struct Verdict {
  int exit_status;  ///< 0 as promised, 1 requests were lost under lastcall, 3 inconclusive
  std::string text;
};

/// The last column is `lastcall run`, the others are what it is compared with.
[[nodiscard]] Verdict judge(std::span<const Column> columns);

}  // namespace lastcall::demo
