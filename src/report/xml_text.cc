#include "report/xml_text.h"

#include <cstdint>

namespace lastcall::report {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

constexpr unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

void add_ascii(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\'':
      out += "&apos;";
      return;
    default:
      if ((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t') {
        out += c;
      }
  }
}

/// How many bytes a sequence that begins with this one has (RFC 3629 §4); 0: none does.
std::size_t sequence_length(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) {
    return 2;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    return 3;
  }
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

bool allowed(std::uint32_t code, std::size_t length) {
  const bool shortest = length == 2 || (length == 3 && code >= 0x800) || (length == 4 && code >= 0x1'0000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool c1_control = code < 0xa0;
  return shortest && !surrogate && !c1_control && code != 0xfffe && code != 0xffff && code <= 0x10'ffff;
}

/// The bytes at `i` that make a character which XML allows; empty if they do not.
std::string_view character_at(std::string_view text, std::size_t i) {
  const std::size_t length = sequence_length(byte_at(text, i));
  if (length == 0 || length > text.size() - i) {
    return {};
  }
  std::uint32_t code = byte_at(text, i) & (0x7fU >> length);
  for (std::size_t k = 1; k < length; ++k) {
    const unsigned char byte = byte_at(text, i + k);
    if ((byte & 0xc0U) != 0x80U) {
      return {};
    }
    code = code << 6U | (byte & 0x3fU);
  }
  return allowed(code, length) ? text.substr(i, length) : std::string_view();
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (byte_at(text, i) < 0x80) {
      add_ascii(out, text[i]);
      ++i;
      continue;
    }
    const std::string_view character = character_at(text, i);
    out += character.empty() ? kReplacement : character;
    i += character.empty() ? 1 : character.size();
  }
  return out;
}

}  // namespace lastcall::report
