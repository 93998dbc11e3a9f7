// Character classes and byte scans shared by the HTTP/1.x parsers. Every scan stays within [p, end): no slack
// is assumed. Not a parser: what a byte means where is decided by its caller. Pure functions, any thread.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lastcall::http {

enum CharClass : std::uint8_t {
  kToken = 1,       ///< tchar, RFC 9110 §5.6.2
  kUnderscore = 2,  ///< "_", which interfaces like CGI read as "-"
  kControl = 4,     ///< CTL but HTAB: in no field value (RFC 9110 §5.5)
  kVisible = 8,     ///< VCHAR
  kHost = 16,       ///< may stand in a registered name or IPv4 address of Host
  kHex = 32,
  kDigit = 64,
};

inline constexpr std::array<std::uint8_t, 256> kCharClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&classes](std::string_view chars, std::uint8_t flags) {
    for (const char c : chars) {
      classes[static_cast<unsigned char>(c)] |= flags;
    }
  };
  for (std::size_t c = 0; c < 0x20; ++c) {
    classes[c] = c == '\t' ? 0 : kControl;
  }
  for (std::size_t c = 0x21; c < 0x7f; ++c) {
    classes[c] = kVisible;
  }
  classes[0x7f] = kControl;
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", kToken | kHost);
  add("!#$%&'*+-.^_`|~", kToken);
  // RFC 3986 §3.2.2 less the comma, which is what two merged Host fields look like.
  add("-._~%!$&'()*+;=", kHost);
  add("0123456789abcdefABCDEF", kHex);
  add("0123456789", kDigit);
  add("_", kUnderscore);
  return classes;
}();

constexpr bool is(char c, CharClass wanted) {
  return (kCharClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

#if defined(__SSE2__)
inline __m128i load16(const char* p) {
  __m128i bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return bytes;
}
#endif

/// The first control character other than HTAB, or `end`.
inline const char* find_control(const char* p, const char* end) {
#if defined(__SSE2__)
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = load16(p);
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const auto found =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del)));
    if (found != 0) {
      return p + std::countr_zero(found);
    }
  }
#endif
  while (p != end && !is(*p, kControl)) {
    ++p;
  }
  return p;
}

/// The first byte that is no VCHAR (a blank, a control character, anything above ASCII), or `end`.
inline const char* find_invisible(const char* p, const char* end) {
#if defined(__SSE2__)
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = load16(p);
    const __m128i above_space = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x20));  // signed: excludes bytes >= 0x80
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const auto visible = static_cast<unsigned>(_mm_movemask_epi8(_mm_andnot_si128(del, above_space)));
    if (visible != 0xffff) {
      return p + std::countr_one(visible);
    }
  }
#endif
  while (p != end && is(*p, kVisible)) {
    ++p;
  }
  return p;
}

/// Case-insensitive equality. `text` holds no control characters; `lower` is lower-case letters, digits and
/// "-".
constexpr bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) {
    return false;
  }
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) {
      return false;
    }
  }
  return true;
}

constexpr bool starts_with_lower(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && equals_lower(text.substr(0, lower.size()), lower);
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

/// Takes the next element off a comma-separated list (RFC 9110 §5.6.1); it may be empty. The list must not be
/// empty.
constexpr std::string_view next_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view element = trim(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return element;
}

/// Whether `predicate` holds for one of the elements.
template <class Predicate>
constexpr bool any_element(std::string_view list, Predicate predicate) {
  while (!list.empty()) {
    if (predicate(next_element(list))) {
      return true;
    }
  }
  return false;
}

constexpr std::string_view view(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace lastcall::http
