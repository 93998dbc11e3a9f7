#include "report/page_words.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "judge/judge.h"

namespace lastcall::report::page {

namespace {

constexpr std::string_view kThin = "\u202f";   // a narrow space that does not break
constexpr std::string_view kSpace = "\u00a0";  // a space that does not break
constexpr std::string_view kMinus = "\u2212";

bool is_plain(char c) {
  constexpr std::string_view kPlain = "%+,-./:=@_{}";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kPlain.find(c) != std::string_view::npos;
}

std::string shell_word(const std::string& word) {
  if (!word.empty() && std::ranges::all_of(word, is_plain)) {
    return word;
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return quoted + "'";
}

}  // namespace

std::string grouped(std::uint64_t number) {
  const std::string digits = fmt::format("{}", number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) {
      text += kThin;
    }
    text += digits[i];
  }
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{}{}{}", grouped(number), kSpace, number == 1 ? one : many);
}

std::string how_long(Duration span) {
  const double ms = to_milliseconds(span);
  if (ms < 9.95) {
    return fmt::format("{:.1f}{}ms", ms, kSpace);
  }
  if (ms < 999.5) {
    return fmt::format("{:.0f}{}ms", ms, kSpace);
  }
  if (ms < 99'995) {
    return fmt::format("{:.2f}{}s", ms / 1000, kSpace);
  }
  const auto seconds = std::chrono::round<std::chrono::seconds>(span).count();
  return fmt::format("{}{}min {:02}{}s", seconds / 60, kSpace, seconds % 60, kSpace);
}

std::string since_signal(Duration at) {
  if (at == 0s) {
    return "0";
  }
  return at > 0s ? "+" + how_long(at) : std::string(kMinus) + how_long(-at);
}

std::string percent(double share) {
  const double value = share * 100;
  if (value >= 10) {
    return fmt::format("{:.0f}{}%", value, kSpace);
  }
  const int digits = value <= 0 ? 0 : std::min(6, 1 - static_cast<int>(std::floor(std::log10(value))));
  return fmt::format("{:.{}f}{}%", value, digits, kSpace);
}

std::string bound_alone(std::uint64_t broken, std::uint64_t tried) {
  return percent(judge::upper_bound_95(broken, tried));
}

std::string bound(std::uint64_t broken, std::uint64_t tried) {
  return fmt::format("{} of {}: at most {} at 95{}% confidence", grouped(broken), grouped(tried),
                     bound_alone(broken, tried), kSpace);
}

std::string command_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    line += (line.empty() ? "" : " ") + shell_word(word);
  }
  return line;
}

}  // namespace lastcall::report::page
