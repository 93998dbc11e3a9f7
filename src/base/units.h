// Durations and sizes as people write them: "30s", "1m30s", "1.5s", "250ms"; "32KiB", "1MiB". Strict both
// ways: what is printed parses to the same value. A bare number is refused, because half of the field means
// seconds by it and half milliseconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lastcall {

/// The longest duration that is accepted: added to any instant it cannot overflow.
inline constexpr Duration kMaxDuration = 24h * 365;

/// Numbers with units h, m, s, ms, us, largest first, each at most once; the last one may have a fraction.
/// "0" needs no unit. Error: status 2.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// The form that parse_duration() accepts; below a microsecond it is cut off. What is below a minute has one
/// number: "2.8s", "250ms".
[[nodiscard]] std::string print_duration(Duration duration);

/// To tenths of a second, as a person would choose it; below one to milliseconds. `duration` is not negative.
[[nodiscard]] Duration round_down(Duration duration);

/// Bytes: a whole number with B, KiB, MiB, GiB; "0" needs no unit. Error: status 2.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

/// The largest unit that divides the size: "32KiB", "1500B", "0".
[[nodiscard]] std::string print_size(std::uint64_t bytes);

/// Decimal digits only, from `least` to `most`. Error: status 2.
[[nodiscard]] Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t least,
                                                std::uint64_t most);

}  // namespace lastcall
