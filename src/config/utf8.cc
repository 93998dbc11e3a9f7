#include "config/utf8.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include <fmt/format.h>

namespace lastcall::config {
namespace {

constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};  // by its bytes: less is an overlong form

std::uint32_t code_of(std::string_view character) {
  const auto lead = static_cast<std::uint8_t>(character.front());
  std::uint32_t code = character.size() == 1 ? lead : lead & (0x7fU >> character.size());
  for (const char c : character.substr(1)) {
    code = code << 6U | (static_cast<std::uint8_t>(c) & 0x3fU);
  }
  return code;
}

}  // namespace

std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) {
    return 1;
  }
  const auto bytes = static_cast<std::size_t>(std::countl_one(lead));
  const bool continues = bytes >= 2 && bytes <= 4 && text.size() >= bytes &&
                         std::ranges::all_of(text.substr(1, bytes - 1), [](char c) {
                           return (static_cast<std::uint8_t>(c) & 0xc0U) == 0x80;
                         });
  if (!continues) {
    return 0;
  }
  const std::uint32_t code = code_of(text.substr(0, bytes));
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < kSmallest[bytes] || code > 0x10ffff || is_surrogate ? 0 : bytes;
}

std::string toml_escape(std::string_view character) {
  const std::uint32_t code = code_of(character);
  return code > 0xffff ? fmt::format("\\U{:08x}", code) : fmt::format("\\u{:04x}", code);
}

}  // namespace lastcall::config
