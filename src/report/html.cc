#include "report/html.h"

#include <algorithm>
#include <array>

namespace lastcall::report {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
}

/// Characters that turn the writing direction, so that a text could read as another (UAX #9 §2).
bool turns_direction(std::string_view text) {
  constexpr std::array<std::string_view, 11> kTurning = {"\u200e", "\u200f", "\u202a", "\u202b",
                                                         "\u202c", "\u202d", "\u202e", "\u2066",
                                                         "\u2067", "\u2068", "\u2069"};
  return std::ranges::any_of(kTurning, [&](std::string_view one) { return text.starts_with(one); });
}

/// Safe as text and between double quotes. Bytes that are no UTF-8 stay: every reader replaces them in the
/// same way, and never swallows the ASCII character that follows (Encoding Standard, "UTF-8 decoder").
std::string escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\xe2' && turns_direction(text.substr(i))) {
      escaped += kReplacement;
      i += 2;
      continue;
    }
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        is_control(c) ? escaped += kReplacement : escaped += c;
    }
  }
  return escaped;
}

std::string begin_of(std::string_view name, Attributes attributes) {
  std::string tag = "<" + std::string(name);
  for (const Attribute& attribute : attributes) {
    tag += " " + std::string(attribute.name) + "=\"" + escape(attribute.value) + "\"";
  }
  return tag;
}

}  // namespace

Html::Html(std::string_view text) : markup_(escape(text)) {}

Html::Html(const std::string& text) : markup_(escape(text)) {}

Html::Html(const char* text) : markup_(escape(text)) {}

Html Html::constant(std::string_view markup) {
  Html html;
  html.markup_ = markup;
  return html;
}

Html element(std::string_view name, Attributes attributes, const Html& inner) {
  return Html::constant(begin_of(name, attributes) + ">" + inner.markup() + "</" + std::string(name) + ">");
}

Html shape(std::string_view name, Attributes attributes) {
  return Html::constant(begin_of(name, attributes) + "/>");
}

}  // namespace lastcall::report
