#include "report/text_style.h"

#include <array>

namespace lastcall::report {

std::string paint(std::string_view text, Ink ink, const TextStyle& style) {
  static constexpr std::array<std::string_view, 6> kCodes = {"", "32", "1;31", "33", "2", "1"};
  const std::string_view code = kCodes[static_cast<std::size_t>(ink)];
  if (!style.colour || code.empty() || text.empty()) {
    return std::string(text);
  }
  return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
}

Ink ink_of(judge::Status status) {
  static constexpr std::array<Ink, 4> kInks = {Ink::faint, Ink::good, Ink::warning, Ink::bad};
  return kInks[static_cast<std::size_t>(status)];
}

std::string shout(judge::Status status) {
  std::string word(judge::to_string(status));
  for (char& c : word) {
    c = static_cast<char>(c - 'a' + 'A');
  }
  return word;
}

}  // namespace lastcall::report
