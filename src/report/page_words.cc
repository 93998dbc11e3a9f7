#include "report/page_words.h"

#include <fmt/format.h>

#include "report/figures.h"

namespace lastcall::report::page {

namespace {

constexpr std::string_view kSpace = "\u00a0";  // does not break
constexpr std::string_view kMinus = "\u2212";
constexpr Duration kFine = 9950us;  // from here on tenths of a millisecond say nothing

}  // namespace

std::string unbroken(std::string_view text) {
  std::string all;
  for (const char c : text) {
    c == ' ' ? all += kSpace : all += c;
  }
  return all;
}

std::string grouped(std::uint64_t number) {
  return unbroken(count_text(number));
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{}{}{}", grouped(number), kSpace, number == 1 ? one : many);
}

std::string how_long(Duration span) {
  return span < kFine ? fmt::format("{:.1f}{}ms", to_milliseconds(span), kSpace) : unbroken(span_text(span));
}

std::string since_signal(Duration at) {
  if (at == 0s) {
    return "0";
  }
  return at > 0s ? "+" + how_long(at) : std::string(kMinus) + how_long(-at);
}

}  // namespace lastcall::report::page
