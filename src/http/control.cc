#include "http/control.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace lastcall::http {

namespace {

bool refuse(Refusal& refusal, int status, const char* why) {
  refusal = {status, why};
  return false;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is(c, kToken); });
}

bool same_name(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return to_lower(x) == to_lower(y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

/// Whether the codings are well formed, end in chunked, apply it once, and hold nothing obsolete: the only
/// shape that is unsupported rather than malformed.
bool ends_in_chunked(std::string_view codings) {
  if (codings.ends_with(',')) {
    return false;
  }
  bool chunked = false;
  while (!codings.empty()) {
    const std::string_view coding = next_element(codings);
    if (!is_token(coding) || equals_lower(coding, "identity")) {
      return false;
    }
    chunked = equals_lower(coding, "chunked");
    if (chunked != codings.empty()) {
      return false;
    }
  }
  return chunked;
}

}  // namespace

bool DropList::add(Span span) {
  if (count_ != 0 && spans_[count_ - 1].end == span.begin) {
    spans_[count_ - 1].end = span.end;
    return true;
  }
  if (count_ == kMax) {
    return false;
  }
  spans_[count_++] = span;
  return true;
}

bool Control::take_content_length(std::string_view value, Refusal& refusal) {
  if (has_length_) {
    return refuse(refusal, 400, "repeated Content-Length");
  }
  has_length_ = true;
  // Peers hold lengths in signed 64 bits.
  constexpr auto kMaxLength = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t length = 0;
  for (const char c : value) {
    if (!is(c, kDigit)) {
      return refuse(refusal, 400, "malformed Content-Length");
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (kMaxLength - digit) / 10) {
      return refuse(refusal, 400, "Content-Length too large");
    }
    length = length * 10 + digit;
  }
  content_length_ = length;
  return !value.empty() || refuse(refusal, 400, "malformed Content-Length");
}

bool Control::take_transfer_encoding(std::string_view value, Refusal& refusal) {
  if (chunked_) {
    return refuse(refusal, 400, "repeated Transfer-Encoding");
  }
  chunked_ = true;
  if (equals_lower(value, "chunked")) {
    return true;
  }
  // RFC 9112 §6.1 asks for 501 on an unknown coding, §6.3 for 400 when chunked is not the last one.
  return ends_in_chunked(value) ? refuse(refusal, 501, "unsupported transfer coding")
                                : refuse(refusal, 400, "malformed Transfer-Encoding");
}

bool Control::take_connection(std::string_view value, Refusal& refusal) {
  if (list_count_ == kMaxLists) {
    return refuse(refusal, 431, "too many Connection fields");
  }
  lists_[list_count_++] = value;
  while (!value.empty()) {
    const std::string_view option = next_element(value);
    if (!option.empty() && !take_option(option, refusal)) {
      return false;
    }
  }
  return true;
}

bool Control::take_option(std::string_view option, Refusal& refusal) {
  if (equals_lower(option, "close")) {
    close_ = true;
    return true;
  }
  switch (identify(option)) {
    case FieldName::keep_alive:
      keep_alive_ = true;
      return true;
    case FieldName::upgrade:
      upgrade_ = true;
      return true;
    case FieldName::connection:
    case FieldName::te:
    case FieldName::proxy_connection:
      return true;
    case FieldName::content_length:
    case FieldName::host:
    case FieldName::transfer_encoding:
      return refuse(refusal, 400, "Connection names an end-to-end field");
    default:
      break;
  }
  return ++named_count_ <= kMaxNamed || refuse(refusal, 431, "too many Connection options");
}

bool Control::check_underscores(std::string_view name, Refusal& refusal) {
  const FieldName field = identify_as_cgi(name);
  return (field != FieldName::content_length && field != FieldName::transfer_encoding) ||
         refuse(refusal, 400, "framing field spelled with an underscore");
}

bool Control::check(bool http10, Refusal& refusal) const {
  if (chunked_ && has_length_) {
    return refuse(refusal, 400, "both Content-Length and Transfer-Encoding");
  }
  // RFC 9112 §6.1: such a message is treated as if its framing were faulty.
  return !(chunked_ && http10) || refuse(refusal, 400, "Transfer-Encoding in HTTP/1.0");
}

bool Control::is_named(std::string_view name) const {
  const auto is_name = [name](std::string_view option) { return same_name(option, name); };
  return std::any_of(lists_.begin(), lists_.begin() + list_count_,
                     [&](std::string_view list) { return any_element(list, is_name); });
}

bool Control::names(std::string_view lower) const {
  return is_named(lower);
}

bool Control::drop_named(std::string_view fields, std::uint32_t begin, DropList& drops) const {
  const DropList before = drops;
  drops.clear();
  const Span* known = before.begin();
  FieldReader reader(fields.data(), fields.data() + fields.size());
  while (reader.read() == FieldReader::Step::field) {
    const auto offset = [&](const char* p) { return begin + static_cast<std::uint32_t>(p - fields.data()); };
    const Span line{offset(reader.begin()), offset(reader.next())};
    while (known != before.end() && known->end <= line.begin) {
      ++known;
    }
    const bool dropped = known != before.end() && known->begin <= line.begin;
    if ((dropped || is_named(reader.name())) && !drops.add(line)) {
      return false;
    }
  }
  return true;
}

}  // namespace lastcall::http
