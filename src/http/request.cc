#include <new>

#include "http/control.h"
#include "http/fields.h"
#include "http/head.h"
#include "http/method.h"
#include "http/scan.h"
#include "http/target.h"
#include "http/version.h"

namespace lastcall::http {

namespace {

/// Whether the list of protocols has h2c in it, which would take requests past this proxy unseen.
bool offers_h2c(std::string_view protocols) {
  return any_element(protocols, [](std::string_view protocol) { return equals_lower(protocol, "h2c"); });
}

/// One parse. A step returns complete when the next one may begin.
class RequestParser {
 public:
  RequestParser(std::string_view in, const Limits& limits, RequestHead& head, Refusal& refusal)
      : begin_(in.data()),
        at_(in.data()),
        end_(in.data() + in.size()),
        limits_(limits),
        head_(head),
        refusal_(refusal) {}

  Parsed parse();

  [[nodiscard]] bool in_request_line() const { return in_request_line_; }

 private:
  Parsed refuse(int status, const char* why) {
    refusal_ = {status, why};
    return Parsed::refused;
  }

  Parsed skip_empty_line();
  Parsed read_request_line();
  Parsed read_version();
  Parsed read_fields();
  Parsed finish();
  bool take(const FieldReader& field);
  bool take_host(const FieldReader& field);
  void take_upgrade(std::string_view value);
  void take_expect(std::string_view value);
  void forget_named();
  bool drop(const FieldReader& field);

  [[nodiscard]] std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }

  const char* begin_;
  const char* at_;
  const char* end_;
  const Limits& limits_;
  RequestHead& head_;
  Refusal& refusal_;
  Control control_;
  bool in_request_line_ = true;
  bool has_upgrade_ = false;
};

Parsed RequestParser::parse() {
  if (const Parsed step = skip_empty_line(); step != Parsed::complete) {
    return step;
  }
  if (const Parsed step = read_request_line(); step != Parsed::complete) {
    return step;
  }
  in_request_line_ = false;
  head_.fields_begin = offset(at_);
  if (const Parsed step = read_fields(); step != Parsed::complete) {
    return step;
  }
  head_.size = offset(at_);
  return finish();
}

/// RFC 9112 §2.2: some old clients send one CRLF more than the body of the request before.
Parsed RequestParser::skip_empty_line() {
  if (at_ == end_ || *at_ != '\r') {
    return Parsed::complete;
  }
  if (at_ + 1 == end_) {
    return Parsed::incomplete;
  }
  if (at_[1] != '\n') {
    return refuse(400, "bare CR");
  }
  at_ += 2;
  return Parsed::complete;
}

Parsed RequestParser::read_request_line() {
  const char* const method = at_;
  while (at_ != end_ && is(*at_, kToken)) {
    ++at_;
  }
  if (at_ == end_) {
    return Parsed::incomplete;
  }
  if (*at_ != ' ' || at_ == method) {
    return refuse(400, "malformed method");
  }
  head_.method_text = view(method, at_);
  head_.method = identify_method(head_.method_text);

  const char* const target = at_ + 1;
  at_ = find_invisible(target, end_);
  if (at_ == end_) {
    return Parsed::incomplete;
  }
  if (*at_ != ' ' || at_ == target) {
    return refuse(400, "malformed request line");
  }
  const std::string_view raw_target = view(target, at_);
  ++at_;
  if (const Parsed step = read_version(); step != Parsed::complete) {
    return step;
  }
  // The server behind is no proxy, and 405 would have to list what it allows: 501 (RFC 9110 §9.3.6, §15.6.2).
  if (head_.method == Method::connect) {
    return refuse(501, "CONNECT is not supported");
  }
  const char* const why = read_target(raw_target, head_);
  return why == nullptr ? Parsed::complete : refuse(400, why);
}

Parsed RequestParser::read_version() {
  switch (read_http_version(at_, end_, head_.http10)) {
    case Version::supported:
      break;
    case Version::incomplete:
      return Parsed::incomplete;
    case Version::unsupported:
      return refuse(505, "unsupported HTTP version");
    case Version::malformed:
      return refuse(400, "malformed request line");
  }
  if (at_ == end_ || at_ + 1 == end_) {
    return at_ == end_ || *at_ == '\r' ? Parsed::incomplete : refuse(400, "malformed request line");
  }
  if (at_[0] != '\r' || at_[1] != '\n') {
    return refuse(400, "malformed request line");
  }
  at_ += 2;
  return Parsed::complete;
}

Parsed RequestParser::read_fields() {
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
        return refuse(400, reader.why());
    }
    if (count == limits_.fields) {
      return refuse(431, "too many fields");
    }
    if (!take(reader)) {
      return Parsed::refused;
    }
  }
}

bool RequestParser::take(const FieldReader& field) {
  if (field.has_underscore() && !Control::check_underscores(field.name(), refusal_)) {
    return false;
  }
  switch (identify(field.name())) {
    case FieldName::content_length:
      return control_.take_content_length(field.value(), refusal_) && drop(field);
    case FieldName::transfer_encoding:
      return control_.take_transfer_encoding(field.value(), refusal_) && drop(field);
    case FieldName::connection:
      return control_.take_connection(field.value(), refusal_) && drop(field);
    case FieldName::keep_alive:
    case FieldName::proxy_connection:
    case FieldName::te:
      return drop(field);
    case FieldName::upgrade:
      take_upgrade(field.value());
      return drop(field);
    case FieldName::host:
      return take_host(field);
    case FieldName::expect:
      take_expect(field.value());
      // RFC 9110 §10.1.1: not in HTTP/1.0, where the interim answer would not be understood.
      return !head_.http10 || drop(field);
    case FieldName::accept:
      head_.accept = field.value();
      return true;
    case FieldName::forwarded_for:
      if (field.value().empty()) {
        return drop(field);
      }
      head_.has_forwarded_for = true;
      head_.forwarded_for_end = offset(field.value().data() + field.value().size());
      return true;
    case FieldName::forwarded_proto:
      head_.has_forwarded_proto = true;
      return true;
    case FieldName::forwarded_host:
      head_.has_forwarded_host = true;
      return true;
    case FieldName::request_id:
      head_.has_request_id = true;
      return true;
    case FieldName::request_start:
      head_.has_request_start = true;
      return true;
    case FieldName::forwarded:
    case FieldName::other:
      break;
  }
  return true;
}

bool RequestParser::take_host(const FieldReader& field) {
  if (head_.has_host) {
    refuse(400, "repeated Host");
    return false;
  }
  if (!is_host(field.value())) {
    refuse(400, "malformed Host");
    return false;
  }
  head_.has_host = true;
  // RFC 9112 §3.2.2: the authority of an absolute-form target replaces Host.
  if (!head_.authority.empty()) {
    return drop(field);
  }
  head_.host = field.value();
  return true;
}

/// More than one Upgrade field is ignored, as any Upgrade may be (RFC 9110 §7.8).
void RequestParser::take_upgrade(std::string_view value) {
  head_.upgrade_protocol = has_upgrade_ || offers_h2c(value) ? std::string_view{} : value;
  has_upgrade_ = true;
}

/// An unknown expectation is the app's to judge (RFC 9110 §10.1.1 leaves 417 open): it is forwarded.
void RequestParser::take_expect(std::string_view value) {
  head_.expect_continue = !head_.http10 && equals_lower(value, "100-continue");
}

bool RequestParser::drop(const FieldReader& field) {
  if (head_.drops.add({offset(field.begin()), offset(field.next())})) {
    return true;
  }
  refuse(431, "too many hop-by-hop fields");
  return false;
}

/// What Connection names does not reach the app, so that it does not count as sent by the client either.
void RequestParser::forget_named() {
  head_.has_forwarded_for = head_.has_forwarded_for && !control_.names("x-forwarded-for");
  head_.has_forwarded_proto = head_.has_forwarded_proto && !control_.names("x-forwarded-proto");
  head_.has_forwarded_host = head_.has_forwarded_host && !control_.names("x-forwarded-host");
  head_.has_request_id = head_.has_request_id && !control_.names("x-request-id");
  head_.has_request_start = head_.has_request_start && !control_.names("x-request-start");
  head_.expect_continue = head_.expect_continue && !control_.names("expect");
}

Parsed RequestParser::finish() {
  if (!control_.check(head_.http10, refusal_)) {
    return Parsed::refused;
  }
  if (!head_.has_host && !head_.http10) {
    return refuse(400, "no Host");
  }
  if (control_.has_named()) {
    const char* const fields = begin_ + head_.fields_begin;
    if (!control_.drop_named(view(fields, at_), head_.fields_begin, head_.drops)) {
      return refuse(431, "too many hop-by-hop fields");
    }
    forget_named();
  }
  if (control_.chunked()) {
    head_.framing = Framing::chunked;
  } else if (control_.has_length()) {
    head_.framing = Framing::length;
    head_.content_length = control_.content_length();
  }
  head_.keep_alive = control_.keep_alive(head_.http10);
  head_.upgrade = control_.upgrade() && !head_.http10 && !head_.upgrade_protocol.empty();
  head_.idempotent = is_idempotent(head_.method);
  return Parsed::complete;
}

}  // namespace

Parsed parse_request(std::string_view in, const Limits& limits, RequestHead& head, Refusal& refusal) {
  ::new (&head) RequestHead;  // assigning one would cost a copy
  RequestParser parser(in.substr(0, limits.head_bytes), limits, head, refusal);
  const Parsed parsed = parser.parse();
  if (parsed != Parsed::incomplete || in.size() < limits.head_bytes) {
    return parsed;
  }
  refusal = parser.in_request_line() ? Refusal{414, "request line too long"} : Refusal{431, "head too large"};
  return Parsed::refused;
}

}  // namespace lastcall::http
