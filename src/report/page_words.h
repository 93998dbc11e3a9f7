// How the page writes numbers and times: as figures.h does, but in spaces that do not break, and to a tenth
// of a millisecond where that matters. Text only, not yet escaped. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace lastcall::report::page {

/// The same text, never broken into two lines.
[[nodiscard]] std::string unbroken(std::string_view text);

/// "12 000"
[[nodiscard]] std::string grouped(std::uint64_t number);

/// "3 trials", "1 trial".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

/// How long: "0.4 ms", "12 ms", "6.40 s".
[[nodiscard]] std::string how_long(Duration span);

/// When, seen from the signal: "0", "+12 ms", "−1.50 s".
[[nodiscard]] std::string since_signal(Duration at);

}  // namespace lastcall::report::page
