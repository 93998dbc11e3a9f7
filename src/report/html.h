// Html: a piece of a document, in which every text from outside is escaped by construction: a string becomes
// markup only as text or as an attribute's value. Only tags, names and constants of this folder are taken as
// they stand. Not a parser, no checker of nesting. Any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace lastcall::report {

struct Attribute {
  std::string_view name;  ///< of ours, never from outside
  std::string value;
};

using Attributes = std::initializer_list<Attribute>;

class Html {
 public:
  Html() = default;
  // Implicit, so that text can only get in escaped. Control characters, and those that turn the writing
  // direction, become U+FFFD.
  Html(std::string_view text);    // NOLINT(google-explicit-constructor)
  Html(const std::string& text);  // NOLINT(google-explicit-constructor)
  Html(const char* text);         // NOLINT(google-explicit-constructor)

  /// Markup that is a constant of ours, or was built from nothing else.
  [[nodiscard]] static Html constant(std::string_view markup);

  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }

  [[nodiscard]] bool empty() const { return markup_.empty(); }

  [[nodiscard]] const std::string& markup() const { return markup_; }

 private:
  std::string markup_;
};

inline Html operator+(Html left, const Html& right) {
  left += right;
  return left;
}

/// <name attributes…>inner</name>
[[nodiscard]] Html element(std::string_view name, Attributes attributes, const Html& inner);

/// <name attributes…/>: an SVG shape, or one of HTML's void elements.
[[nodiscard]] Html shape(std::string_view name, Attributes attributes);

}  // namespace lastcall::report
