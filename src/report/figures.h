// Counts, rates and times as people read them. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace lastcall::report {

/// "12 000"
[[nodiscard]] std::string count_text(std::uint64_t count);

/// "12 ms", from a second on "1.41 s".
[[nodiscard]] std::string span_text(Duration duration);

/// "+12 ms", "-1.00 s", "0 ms"
[[nodiscard]] std::string since_text(Duration since);

/// A share in percent, "0.03 %", rounded up, so that "at most" stays true.
[[nodiscard]] std::string share_text(double share);

/// "0 of 12 000: at most 0.03 %": what was seen, and what the true rate is at most, at 95 %. tried > 0.
[[nodiscard]] std::string bound_text(std::uint64_t broken, std::uint64_t tried);

}  // namespace lastcall::report
