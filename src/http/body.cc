#include "http/body.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/assert.h"
#include "http/fields.h"
#include "http/put.h"
#include "http/scan.h"
#include "http/trailers.h"

namespace lastcall::http {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::uint64_t hex_value(char c) {
  return static_cast<std::uint64_t>(is(c, kDigit) ? c - '0' : (c | 0x20) - 'a' + 10);
}

/// Bytes of the chunk size line for a chunk of `size` bytes.
std::size_t chunk_line_size(std::size_t size) {
  const auto digits = (static_cast<std::size_t>(std::bit_width(size)) + 3) / 4;
  return std::max<std::size_t>(1, digits) + kLineEnd.size();
}

}  // namespace

void Body::begin(Framing framing, std::uint64_t length) {
  *this = Body();
  framing_ = framing == Framing::length && length == 0 ? Framing::none : framing;
  left_ = framing == Framing::length ? length : 0;
}

std::size_t Body::take(std::string_view in) {
  LASTCALL_ASSERT(framing_ != Framing::chunked);
  if (framing_ != Framing::length) {
    return framing_ == Framing::until_close ? in.size() : 0;
  }
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
  left_ -= taken;
  if (left_ == 0) {
    framing_ = Framing::none;
  }
  return taken;
}

Body::Decoded Body::decode(std::string_view in, bool reframe, char* out) {
  LASTCALL_ASSERT(framing_ == Framing::chunked);
  const std::size_t reserved = reframe ? chunk_line_size(in.size()) : 0;
  char* const payload = out + reserved;
  char* payload_end = payload;
  std::size_t at = 0;
  while (at != in.size() && !done()) {
    if (state_ == State::payload) {
      const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - at));
      std::memcpy(payload_end, in.data() + at, run);
      payload_end += run;
      payload_size_ += run;
      at += run;
      left_ -= run;
      state_ = left_ == 0 ? State::payload_cr : State::payload;
    } else if (!advance(in[at++])) {
      return {.consumed = at, .end = out, .refused = true};
    }
  }
  const auto size = static_cast<std::size_t>(payload_end - payload);
  Decoded decoded = {.end = payload_end, .payload = {payload, size}};
  if (reframe) {
    decoded = frame(out, reserved, size);
  }
  decoded.consumed = at;
  return decoded;
}

/// Makes one chunk of the payload, which stands `reserved` bytes after `out`, and ends the body if it is
/// done.
Body::Decoded Body::frame(char* out, std::size_t reserved, std::size_t payload) const {
  Decoded framed;
  if (payload != 0) {
    const std::size_t line = chunk_line_size(payload);
    // Only where the framing that was taken off is what made the input one digit longer.
    if (line != reserved) {
      std::memmove(out + line, out + reserved, payload);
    }
    put(std::to_chars(out, out + line, payload, 16).ptr, kLineEnd);
    framed.payload = {out + line, payload};
    out = put(out + line + payload, kLineEnd);
  }
  framed.end = done() ? put(put(put(out, "0\r\n"), trailer_), kLineEnd) : out;
  return framed;
}

bool Body::go(State state) {
  state_ = state;
  return true;
}

bool Body::advance(char c) {
  switch (state_) {
    case State::size:
      return take_size(c);
    case State::size_lf:
      digits_ = 0;
      return c == '\n' && go(left_ == 0 ? State::trailer : State::payload);
    case State::payload_cr:
      return c == '\r' && go(State::payload_lf);
    case State::payload_lf:
      return c == '\n' && go(State::size);
    case State::trailer:
    case State::trailer_lf:
      return take_trailer(c);
    default:
      // RFC 9112 §7.1.1: the total of all extensions of a message is limited.
      return ++extension_bytes_ <= kMaxExtensionBytes && take_extension(c);
  }
}

bool Body::take_size(char c) {
  if (is(c, kHex)) {
    left_ = left_ * 16 + hex_value(c);
    return ++digits_ <= kMaxSizeDigits;
  }
  return digits_ != 0 && end_extension_part(c);
}

/// After a size or a complete extension: the next extension, or the end of the line.
bool Body::end_extension_part(char c) {
  if (c == ';') {
    return go(State::extension_name_begin);
  }
  return c == '\r' ? go(State::size_lf) : is_blank(c) && go(State::extension_gap);
}

/// *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ), RFC 9112 §7.1.1.
bool Body::take_extension(char c) {
  switch (state_) {
    case State::extension_gap:
      return is_blank(c) || (c == ';' && go(State::extension_name_begin));
    case State::extension_name_begin:
      return is_blank(c) || (is(c, kToken) && go(State::extension_name));
    case State::extension_name:
      if (is_blank(c)) {
        return go(State::extension_name_gap);
      }
      return is(c, kToken) || (c == '=' ? go(State::extension_value_begin) : end_extension_part(c));
    case State::extension_name_gap:
      if (c == '=') {
        return go(State::extension_value_begin);
      }
      return is_blank(c) || (c == ';' && go(State::extension_name_begin));
    default:
      return take_extension_value(c);
  }
}

/// token / quoted-string, RFC 9110 §5.6.4.
bool Body::take_extension_value(char c) {
  switch (state_) {
    case State::extension_value_begin:
      if (c == '"') {
        return go(State::extension_quoted);
      }
      return is_blank(c) || (is(c, kToken) && go(State::extension_value));
    case State::extension_value:
      return is(c, kToken) || end_extension_part(c);
    case State::extension_quoted:
      if (c == '"') {
        return go(State::extension_value_end);
      }
      return !is(c, kControl) && go(c == '\\' ? State::extension_escape : State::extension_quoted);
    case State::extension_escape:
      return !is(c, kControl) && go(State::extension_quoted);
    default:
      return end_extension_part(c);
  }
}

bool Body::take_trailer(char c) {
  if (++trailer_bytes_ > kMaxTrailerBytes) {
    return false;
  }
  trailer_ += c;
  if (state_ == State::trailer_lf) {
    return c == '\n' && end_trailer_line();
  }
  return c != '\n' && go(c == '\r' ? State::trailer_lf : State::trailer);
}

/// Keeps the line if it may be forwarded; the empty one ends the body.
bool Body::end_trailer_line() {
  const char* const begin = trailer_.data() + line_begin_;
  FieldReader reader(begin, trailer_.data() + trailer_.size());
  const FieldReader::Step step = reader.read();
  if (step == FieldReader::Step::last) {
    trailer_.resize(line_begin_);
    framing_ = Framing::none;
    return true;
  }
  if (step != FieldReader::Step::field || ++trailers_ > kMaxTrailers) {
    return false;
  }
  if (!is_trailer_allowed(reader.name())) {
    trailer_.resize(line_begin_);
  }
  line_begin_ = static_cast<std::uint16_t>(trailer_.size());
  return go(State::trailer);
}

void append_chunk(std::string& out, std::string_view payload) {
  LASTCALL_ASSERT(!payload.empty());
  char size[16];
  out.append(size, std::to_chars(std::begin(size), std::end(size), payload.size(), 16).ptr);
  out.append(kLineEnd).append(payload).append(kLineEnd);
}

}  // namespace lastcall::http
