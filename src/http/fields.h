// Field lines: a strict reader for one line at a time, shared by heads and trailers, and the names that the
// codec acts on. Not a container: nothing is stored but views into the raw bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/scan.h"

namespace lastcall::http {

/// The fields that decide how a message is read or forwarded; every other one is passed on unread.
enum class FieldName : std::uint8_t {
  other,
  accept,
  connection,
  content_length,
  expect,
  forwarded,        ///< Forwarded, and every X-Forwarded-* without a name of its own here
  forwarded_for,    ///< X-Forwarded-For
  forwarded_host,   ///< X-Forwarded-Host
  forwarded_proto,  ///< X-Forwarded-Proto
  host,
  keep_alive,
  proxy_connection,
  request_id,     ///< X-Request-ID
  request_start,  ///< X-Request-Start
  te,
  transfer_encoding,
  upgrade,
};

[[nodiscard]] FieldName identify(std::string_view name);

/// As identify(), with each "_" read as "-": how CGI, WSGI and Rack name a field once it reached the app.
[[nodiscard]] FieldName identify_as_cgi(std::string_view name);

/// The value of the first field of this name, in lower case, among the field lines of a head that was
/// parsed, its last empty line included.
[[nodiscard]] std::optional<std::string_view> find_field(std::string_view lines, std::string_view lower_name);

/// Reads field lines up to the empty line that ends them (RFC 9112 §5). No folding, no blank before the
/// colon, lines end in CRLF and in nothing else.
class FieldReader {
 public:
  enum class Step : std::uint8_t { field, last, incomplete, refused };

  FieldReader(const char* begin, const char* end) : next_(begin), end_(end) {}

  /// field: begin(), name() and value() describe the line just read. last: next() is past the empty line.
  /// refused: why() says so.
  [[nodiscard]] Step read();

  [[nodiscard]] const char* begin() const { return begin_; }

  [[nodiscard]] const char* next() const { return next_; }

  [[nodiscard]] std::string_view name() const { return view(begin_, colon_); }

  [[nodiscard]] std::string_view value() const { return value_; }

  [[nodiscard]] bool has_underscore() const { return underscore_; }

  [[nodiscard]] const char* why() const { return why_; }

 private:
  Step refuse(const char* why) {
    why_ = why;
    return Step::refused;
  }

  Step read_line_end(const char* at, Step complete);

  const char* begin_ = nullptr;
  const char* colon_ = nullptr;
  const char* next_;
  const char* end_;
  std::string_view value_;
  const char* why_ = "";
  bool underscore_ = false;
};

inline FieldReader::Step FieldReader::read_line_end(const char* at, Step complete) {
  if (*at != '\r') {
    return refuse(*at == '\n' ? "bare LF" : "control character in a field");
  }
  if (at + 1 == end_) {
    return Step::incomplete;
  }
  if (at[1] != '\n') {
    return refuse("bare CR");
  }
  next_ = at + 2;
  return complete;
}

inline FieldReader::Step FieldReader::read() {
  begin_ = next_;
  const char* p = begin_;
  unsigned classes = 0;
  for (; p != end_; ++p) {
    const std::uint8_t c = kCharClasses[static_cast<unsigned char>(*p)];
    if ((c & kToken) == 0) {
      break;
    }
    classes |= c;
  }
  if (p == end_) {
    return Step::incomplete;
  }
  if (*p != ':' || p == begin_) {
    return p == begin_ && *p == '\r' ? read_line_end(p, Step::last) : refuse("malformed field name");
  }
  colon_ = p;
  underscore_ = (classes & kUnderscore) != 0;
  const char* const line_end = find_control(p + 1, end_);
  if (line_end == end_) {
    return Step::incomplete;
  }
  value_ = trim(view(p + 1, line_end));
  return read_line_end(line_end, Step::field);
}

}  // namespace lastcall::http
