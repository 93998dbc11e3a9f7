// A response head: reads the same wherever it is cut, and what goes to the client reads as what the app sent.
// The first byte of the input is no part of the head: it says how it goes out.
#include "fuzz.h"
#include "http/head.h"

using namespace lastcall::http;
using lastcall::fuzz::Exact;

namespace {

constexpr Limits kForwardedLimits{.head_bytes = 128 * 1024, .fields = 200};

Parsed parse(std::string_view in, bool to_head) {
  ResponseHead head;
  Refusal refusal;
  return parse_response(in, {}, to_head, head, refusal);
}

Framing expected_framing(const ResponseHead& head, bool chunked) {
  const bool open_ended = head.framing == Framing::chunked || head.framing == Framing::until_close;
  if (!open_ended) {
    return head.framing;
  }
  return chunked ? Framing::chunked : Framing::until_close;
}

void check_forwarded(const ResponseHead& head, std::string_view raw, const Outgoing& outgoing, bool to_head) {
  const Exact out(lastcall::fuzz::written(head.size + kResponseRoom,
                                          [&](char* to) { return write_response(head, raw, outgoing, to); }));
  ResponseHead again;
  Refusal refusal;
  LASTCALL_ASSERT(parse_response(out.view(), kForwardedLimits, to_head, again, refusal) == Parsed::complete);
  LASTCALL_ASSERT(again.size == out.view().size());
  LASTCALL_ASSERT(!again.http10 && again.status == head.status);
  LASTCALL_ASSERT(again.framing == expected_framing(head, outgoing.chunked));
  if (again.framing == Framing::length) {
    LASTCALL_ASSERT(again.content_length == head.content_length);
  }
  const bool interim = head.status < 200;
  const bool closes = outgoing.close || (outgoing.http10_client && !outgoing.keep_alive_10);
  LASTCALL_ASSERT(again.keep_alive == (interim || (!closes && again.framing != Framing::until_close)));
  LASTCALL_ASSERT(again.keep_alive_timeout_s == (interim || closes ? 0 : outgoing.keep_alive_timeout_s));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const unsigned mode = data[0];
  const bool to_head = (mode & 1U) != 0;
  const Outgoing outgoing{.http10_client = (mode & 2U) != 0,
                          .close = (mode & 4U) != 0,
                          .keep_alive_10 = (mode & 8U) != 0,
                          .keep_alive_timeout_s = (mode & 16U) != 0 ? 999'999'999U : 0U,
                          .chunked = (mode & 32U) != 0};
  const Exact in(lastcall::fuzz::as_text(data + 1, size - 1));
  ResponseHead head;
  Refusal refusal;
  const Parsed whole = parse_response(in.view(), {}, to_head, head, refusal);
  lastcall::fuzz::for_cuts(in.view().size(), [&](std::size_t cut) {
    const Parsed part = parse(Exact(in.view().substr(0, cut)).view(), to_head);
    const bool within_head = whole != Parsed::complete || cut < head.size;
    LASTCALL_ASSERT(part == Parsed::incomplete ||
                    (part == whole && (part == Parsed::refused || !within_head)));
  });
  if (whole == Parsed::refused) {
    LASTCALL_ASSERT(refusal.status == 502 && *refusal.why != '\0');
  }
  if (whole == Parsed::complete) {
    check_forwarded(head, in.view(), outgoing, to_head);
  }
  return 0;
}
