// The evidence of a check, kept so that it can be judged again: NDJSON of schema "lastcall.check-record/1"
// (docs/check-record.md), written and read back without a bit of difference. Nothing here opens a file, masks
// a secret or judges. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "judge/profile.h"
#include "judge/trial.h"

namespace lastcall::report {

struct Recording {
  std::vector<std::string> command{};  ///< secrets masked
  std::uint64_t seed = 0;
  judge::Profile profile{};  ///< what it was judged by; a replay may take another
  std::vector<judge::Trial> trials{};

  bool operator==(const Recording&) const = default;
};

/// What parse_record() takes: longer lines, more trials and more rows of evidence are refused.
inline constexpr std::size_t kMaxRecordLine = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxRecordTrials = 10'000;
inline constexpr std::size_t kMaxRecordRows = 16'000'000;

/// Each trial has at least one signal, and its instants lie within 146 years of it. What is no UTF-8 in a
/// text is replaced by U+FFFD; all else parse_record() gives back as it was.
[[nodiscard]] std::string to_record(const Recording& recording);

/// Strict: what to_record() writes, whole, and nothing else, so that it can be judged as it is. Error, status
/// 2: "line 7: …".
[[nodiscard]] Result<Recording> parse_record(std::string_view text);

}  // namespace lastcall::report
