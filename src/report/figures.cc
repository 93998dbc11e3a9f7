#include "report/figures.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "judge/judge.h"

namespace lastcall::report {

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t digits = 3; digits < text.size(); digits += 4) {
    text.insert(text.size() - digits, " ");
  }
  return text;
}

std::string span_text(Duration duration) {
  if (duration < 1s) {
    return fmt::format("{:.0f} ms", to_milliseconds(duration));
  }
  return fmt::format("{:.2f} s", to_seconds(duration));
}

std::string since_text(Duration since) {
  if (since == Duration::zero()) {
    return "0 ms";
  }
  return (since > Duration::zero() ? "+" : "-") + span_text(since > Duration::zero() ? since : -since);
}

std::string share_text(double share) {
  const double percent = share * 100;
  const int decimals = percent >= 10 ? 0 : percent >= 1 ? 1 : percent >= 0.01 || percent <= 0 ? 2 : 4;
  const double unit = std::pow(10.0, -decimals);
  return fmt::format("{:.{}f} %", std::max(0.0, std::ceil(percent / unit - 1e-9)) * unit, decimals);
}

std::string bound_text(std::uint64_t broken, std::uint64_t tried) {
  return fmt::format("{} of {}: at most {}", count_text(broken), count_text(tried),
                     share_text(judge::upper_bound_95(broken, tried)));
}

}  // namespace lastcall::report
