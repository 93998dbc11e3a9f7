#include "report/prose.h"

#include <algorithm>

#include <fmt/format.h>

namespace lastcall::report {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Prose that fills lines, word by word.
class Paragraph {
 public:
  Paragraph(std::string& out, std::size_t indent, std::size_t columns, std::size_t column)
      : out_(out), indent_(indent), columns_(columns), column_(column) {}

  void add(std::string_view line) {
    while (!line.empty()) {
      const std::size_t end = std::min(line.find(' '), line.size());
      add_word(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }

  void end() {
    if (column_ > 0) {
      out_ += '\n';
      column_ = 0;
    }
  }

 private:
  void add_word(std::string_view word) {
    if (word.empty()) {
      return;
    }
    if (column_ > indent_ && column_ + 1 + width(word) > columns_) {
      end();
    }
    if (column_ == 0) {
      out_.append(indent_, ' ');
      column_ = indent_;
    } else if (column_ > indent_) {
      out_ += ' ';
      ++column_;
    }
    out_.append(word);
    column_ += width(word);
  }

  std::string& out_;
  const std::size_t indent_;
  const std::size_t columns_;
  std::size_t column_;  ///< 0: at the beginning of a line
};

struct Character {
  std::size_t size;  ///< 0: these bytes are no UTF-8
  char32_t code;
};

/// The first character of a text that is not empty (RFC 3629 §4).
Character decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    return {1, lead};
  }
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) {
    return {0, 0};
  }
  char32_t code = lead & (0x7FU >> size);
  for (const char c : text.substr(1, size - 1)) {
    if (!continues(c)) {
      return {0, 0};
    }
    code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? Character{0, 0} : Character{size, code};
}

/// Control characters, line separators, and what turns the writing direction.
bool steers(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

}  // namespace

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::string pad(std::string_view text, std::size_t columns) {
  const std::size_t used = width(text);
  return std::string(text).append(columns - std::min(columns, used), ' ');
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) {
    return std::string(text);
  }
  std::string shown;
  std::size_t used = 0;
  for (const char c : text) {
    used += continues(c) ? 0U : 1U;
    if (used >= columns) {
      break;
    }
    shown += c;
  }
  return shown + "…";
}

std::string wrap_after(std::string_view label, std::string_view text, std::size_t indent,
                       std::size_t columns) {
  std::string out = label.empty() ? "" : pad(label, indent);
  Paragraph paragraph(out, indent, columns, width(out));
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.starts_with("  ")) {
      paragraph.end();
      out.append(indent, ' ').append(line).append("\n");
    } else {
      paragraph.add(line);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  paragraph.end();
  return out;
}

std::string wrap(std::string_view text, std::size_t indent, std::size_t columns) {
  return wrap_after("", text, indent, columns);
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto [size, code] = decode(text);
    const std::size_t taken = std::max<std::size_t>(size, 1);
    if (size > 0 && !steers(code)) {
      shown.append(text.substr(0, taken));
    } else {
      for (const char c : text.substr(0, taken)) {
        shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      }
    }
    text.remove_prefix(taken);
  }
  return shown;
}

}  // namespace lastcall::report
