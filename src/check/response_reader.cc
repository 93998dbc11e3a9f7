#include "check/response_reader.h"

#include "http/fields.h"

namespace lastcall::check {
namespace {

constexpr http::Limits kLimits{.head_bytes = 64 * 1024, .fields = 200};

}  // namespace

void ResponseReader::begin() {
  head_.clear();
  status_ = 0;
  body_bytes_ = 0;
}

ResponseReader::Taken ResponseReader::take(std::string_view in, std::span<char> decoded) {
  return head_complete() ? take_body(in, decoded) : take_head(in);
}

// A head that comes in one piece, as nearly all do, is read where it lies.
ResponseReader::Taken ResponseReader::take_head(std::string_view in) {
  const std::size_t before = head_.size();
  if (before > 0) {
    head_.append(in);
  }
  const std::string_view raw = before > 0 ? std::string_view(head_) : in;
  http::ResponseHead head;
  http::Refusal refusal;
  const http::Parsed parsed = http::parse_response(raw, kLimits, false, head, refusal);
  if (parsed == http::Parsed::refused) {
    return {.step = Step::malformed};
  }
  if (parsed == http::Parsed::incomplete) {
    if (before == 0) {
      head_ = in;
    }
    return {.consumed = in.size()};
  }
  const std::size_t consumed = head.size - before;
  if (head.status < 200 && head.status != 101) {
    head_.clear();
    return {.step = Step::interim, .consumed = consumed};
  }
  const std::string_view fields = raw.substr(head.fields_begin, head.size - head.fields_begin);
  status_ = head.status;
  keep_alive_ = head.keep_alive;
  retry_after_ = http::find_field(fields, "retry-after").has_value();
  framing_ = head.framing;
  body_.begin(head.framing, head.content_length);
  return {.step = Step::head, .consumed = consumed, .fields = fields};
}

ResponseReader::Taken ResponseReader::take_body(std::string_view in, std::span<char> decoded) {
  Taken taken;
  if (framing_ == http::Framing::chunked) {
    const http::Body::Decoded result = body_.decode(in, false, decoded.data());
    if (result.refused) {
      return {.step = Step::malformed};
    }
    taken.consumed = result.consumed;
    taken.payload = {decoded.data(), static_cast<std::size_t>(result.end - decoded.data())};
  } else {
    taken.consumed = body_.take(in);
    taken.payload = in.substr(0, taken.consumed);
  }
  body_bytes_ += taken.payload.size();
  taken.step = body_.done() ? Step::complete : Step::more;
  return taken;
}

bool ResponseReader::ended_by_close() const {
  return head_complete() && framing_ == http::Framing::until_close;
}

}  // namespace lastcall::check
