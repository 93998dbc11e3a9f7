#include <new>

#include "http/control.h"
#include "http/fields.h"
#include "http/head.h"
#include "http/scan.h"
#include "http/version.h"

namespace lastcall::http {

namespace {

std::uint32_t read_seconds(std::string_view digits) {
  constexpr std::size_t kMaxDigits = 9;
  if (digits.size() > kMaxDigits) {
    return 0;
  }
  std::uint32_t seconds = 0;
  for (const char c : digits) {
    if (!is(c, kDigit)) {
      return 0;
    }
    seconds = seconds * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return seconds;
}

/// timeout=N of Keep-Alive; 0 if there is none, or none that can be trusted.
std::uint32_t keep_alive_timeout(std::string_view value) {
  constexpr std::string_view kName = "timeout";
  while (!value.empty()) {
    const std::string_view parameter = next_element(value);
    if (starts_with_lower(parameter, kName) && parameter.substr(kName.size()).starts_with('=')) {
      return read_seconds(parameter.substr(kName.size() + 1));
    }
  }
  return 0;
}

/// With any parameters (WHATWG HTML §9.2.6).
bool is_event_stream(std::string_view content_type) {
  constexpr std::string_view kType = "text/event-stream";
  if (!starts_with_lower(content_type, kType)) {
    return false;
  }
  const std::string_view rest = trim(content_type.substr(kType.size()));
  return rest.empty() || rest.starts_with(';');
}

/// RFC 9112 §6.3, 1 and 2.
bool has_no_body(int status, bool to_head) {
  return to_head || status < 200 || status == 204 || status == 304;
}

/// One parse. A step returns complete when the next one may begin.
class ResponseParser {
 public:
  ResponseParser(std::string_view in, const Limits& limits, ResponseHead& head, Refusal& refusal)
      : begin_(in.data()),
        at_(in.data()),
        end_(in.data() + in.size()),
        limits_(limits),
        head_(head),
        refusal_(refusal) {}

  Parsed parse(bool to_head);

 private:
  Parsed refuse(const char* why) {
    refusal_.why = why;
    return Parsed::refused;
  }

  Parsed read_status_line();
  Parsed read_status();
  Parsed read_fields();
  Parsed finish(bool to_head);
  bool take(const FieldReader& field);
  void note_content(const FieldReader& field);
  bool drop(const FieldReader& field);

  [[nodiscard]] std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }

  const char* begin_;
  const char* at_;
  const char* end_;
  const Limits& limits_;
  ResponseHead& head_;
  Refusal& refusal_;
  Control control_;
  bool is_event_stream_ = false;
  bool is_encoded_ = false;
};

Parsed ResponseParser::parse(bool to_head) {
  if (const Parsed step = read_status_line(); step != Parsed::complete) {
    return step;
  }
  head_.fields_begin = offset(at_);
  if (const Parsed step = read_fields(); step != Parsed::complete) {
    return step;
  }
  head_.size = offset(at_);
  return finish(to_head);
}

Parsed ResponseParser::read_status_line() {
  switch (read_http_version(at_, end_, head_.http10)) {
    case Version::supported:
      break;
    case Version::incomplete:
      return Parsed::incomplete;
    case Version::unsupported:
    case Version::malformed:
      return refuse("not an HTTP/1.x response");
  }
  if (const Parsed step = read_status(); step != Parsed::complete) {
    return step;
  }
  at_ = find_control(at_, end_);
  if (at_ == end_ || (*at_ == '\r' && at_ + 1 == end_)) {
    return Parsed::incomplete;
  }
  if (at_[0] != '\r' || at_[1] != '\n') {
    return refuse("malformed status line");
  }
  at_ += 2;
  return Parsed::complete;
}

/// " 200", and the space before a reason: some servers leave it out together with the reason.
Parsed ResponseParser::read_status() {
  constexpr std::size_t kSize = std::string_view(" 200").size();
  const std::string_view seen = view(at_, end_).substr(0, kSize + 1);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const bool good = i == 0      ? seen[i] == ' '
                      : i < kSize ? is(seen[i], kDigit)
                                  : seen[i] == ' ' || seen[i] == '\r';
    if (!good) {
      return refuse("malformed status line");
    }
  }
  if (seen.size() <= kSize) {
    return Parsed::incomplete;
  }
  head_.status = (seen[1] - '0') * 100 + (seen[2] - '0') * 10 + (seen[3] - '0');
  at_ += kSize;
  return head_.status >= 100 ? Parsed::complete : refuse("malformed status line");
}

Parsed ResponseParser::read_fields() {
  FieldReader reader(at_, end_);
  for (std::size_t count = 0;; ++count) {
    switch (reader.read()) {
      case FieldReader::Step::field:
        break;
      case FieldReader::Step::last:
        at_ = reader.next();
        return Parsed::complete;
      case FieldReader::Step::incomplete:
        return Parsed::incomplete;
      case FieldReader::Step::refused:
        return refuse(reader.why());
    }
    if (count == limits_.fields) {
      refusal_.limit = Refusal::Limit::fields;
      return refuse("too many fields");
    }
    if (!take(reader)) {
      return Parsed::refused;
    }
  }
}

bool ResponseParser::take(const FieldReader& field) {
  if (field.has_underscore() && !Control::check_underscores(field.name(), refusal_)) {
    return false;
  }
  switch (identify(field.name())) {
    case FieldName::content_length:
      // RFC 9110 §8.6: not in an answer that has no content by its status; some servers send it all the same.
      return control_.take_content_length(field.value(), refusal_) &&
             ((head_.status >= 200 && head_.status != 204) || drop(field));
    case FieldName::transfer_encoding:
      return control_.take_transfer_encoding(field.value(), refusal_) && drop(field);
    case FieldName::connection:
      return control_.take_connection(field.value(), refusal_) && drop(field);
    case FieldName::keep_alive:
      head_.keep_alive_timeout_s = keep_alive_timeout(field.value());
      return drop(field);
    case FieldName::proxy_connection:
    case FieldName::te:
      return drop(field);
    case FieldName::upgrade:
      return head_.status == 101 || drop(field);
    case FieldName::other:
      note_content(field);
      return true;
    default:
      return true;
  }
}

/// Of a Content-Type the value is looked at first: it tells most of them apart by its first letters, the name
/// by its last.
void ResponseParser::note_content(const FieldReader& field) {
  if (is_event_stream(field.value()) && equals_lower(field.name(), "content-type")) {
    is_event_stream_ = true;
  } else if (equals_lower(field.name(), "content-encoding")) {
    is_encoded_ |= !equals_lower(field.value(), "identity");
  }
}

bool ResponseParser::drop(const FieldReader& field) {
  if (head_.drops.add({offset(field.begin()), offset(field.next())})) {
    return true;
  }
  refuse("too many hop-by-hop fields");
  return false;
}

Parsed ResponseParser::finish(bool to_head) {
  if (!control_.check(head_.http10, refusal_)) {
    return Parsed::refused;
  }
  if (control_.has_named()) {
    const char* const fields = begin_ + head_.fields_begin;
    if (!control_.drop_named(view(fields, at_), head_.fields_begin, head_.drops)) {
      return refuse("too many hop-by-hop fields");
    }
  }
  head_.event_stream = is_event_stream_ && !is_encoded_;
  head_.content_length = control_.content_length();
  if (has_no_body(head_.status, to_head)) {
    head_.framing = Framing::none;
  } else if (control_.chunked()) {
    head_.framing = Framing::chunked;
  } else {
    head_.framing = control_.has_length() ? Framing::length : Framing::until_close;
  }
  head_.keep_alive = control_.keep_alive(head_.http10) && head_.framing != Framing::until_close;
  return Parsed::complete;
}

}  // namespace

Parsed parse_response(std::string_view in, const Limits& limits, bool to_head, ResponseHead& head,
                      Refusal& refusal) {
  ::new (&head) ResponseHead;  // assigning one would cost a copy
  ResponseParser parser(in.substr(0, limits.head_bytes), limits, head, refusal);
  Parsed parsed = parser.parse(to_head);
  if (parsed == Parsed::incomplete && in.size() >= limits.head_bytes) {
    refusal = {.why = "head too large", .limit = Refusal::Limit::head_bytes};
    parsed = Parsed::refused;
  }
  if (parsed == Parsed::refused) {
    refusal.status = 502;
  }
  return parsed;
}

}  // namespace lastcall::http
