// How the page writes numbers, times and rates. Text only, not yet escaped. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lastcall::report::page {

/// "12 000", with narrow spaces that do not break.
[[nodiscard]] std::string grouped(std::uint64_t number);

/// "3 trials", "1 trial".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

/// How long: "0.4 ms", "12 ms", "6.40 s", "2 min 05 s".
[[nodiscard]] std::string how_long(Duration span);

/// When, seen from the signal: "0", "+12 ms", "−1.50 s".
[[nodiscard]] std::string since_signal(Duration at);

/// A share of 1: "0.025 %", "33 %".
[[nodiscard]] std::string percent(double share);

/// What `broken` of `tried` says of the true rate (judge::upper_bound_95): "0 of 12 000: at most 0.025 % at
/// 95 % confidence". tried > 0.
[[nodiscard]] std::string bound(std::uint64_t broken, std::uint64_t tried);

/// The bound alone: "0.025 %".
[[nodiscard]] std::string bound_alone(std::uint64_t broken, std::uint64_t tried);

/// The words of a command line as a shell would take them.
[[nodiscard]] std::string command_line(const std::vector<std::string>& words);

}  // namespace lastcall::report::page
