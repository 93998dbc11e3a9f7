// A request head: reads the same wherever it is cut, and what goes to the app reads as what the client sent.
#include "fuzz.h"
#include "http/head.h"

using namespace lastcall::http;
using lastcall::fuzz::Exact;

namespace {

constexpr std::string_view kClient = "2001:db8::1";
constexpr std::string_view kRequestId = "0123456789abcdef";

/// Whatever the client sent, what is forwarded must fit.
constexpr Limits kForwardedLimits{.head_bytes = 128 * 1024, .fields = 200};

Parsed parse(std::string_view in, const Limits& limits = {}) {
  RequestHead head;
  Refusal refusal;
  return parse_request(in, limits, head, refusal);
}

void check_forwarded(const RequestHead& head, std::string_view raw, bool trust) {
  const Forwarding forwarding{
      .client = kClient, .proto = "https", .trust = trust, .request_id = kRequestId, .request_start = "t=1"};
  const std::size_t room = head.size + kRequestRoom + kClient.size() + head.host.size();
  const Exact out(
      lastcall::fuzz::written(room, [&](char* to) { return write_request(head, raw, forwarding, to); }));

  RequestHead again;
  Refusal refusal;
  LASTCALL_ASSERT(parse_request(out.view(), kForwardedLimits, again, refusal) == Parsed::complete);
  LASTCALL_ASSERT(again.size == out.view().size());
  LASTCALL_ASSERT(!again.http10 && again.keep_alive);
  LASTCALL_ASSERT(again.framing == head.framing && again.content_length == head.content_length);
  LASTCALL_ASSERT(again.method_text == head.method_text && again.target == head.target &&
                  again.path == head.path);
  LASTCALL_ASSERT(again.authority.empty() &&
                  again.host == (head.authority.empty() && !head.has_host ? "localhost" : head.host));
  LASTCALL_ASSERT(again.upgrade == head.upgrade &&
                  again.upgrade_protocol == (head.upgrade ? head.upgrade_protocol : ""));
  LASTCALL_ASSERT(again.expect_continue == head.expect_continue);
  LASTCALL_ASSERT(again.has_forwarded_for && again.has_request_id && again.has_request_start);
  LASTCALL_ASSERT(out.view().substr(0, again.forwarded_for_end).ends_with(kClient));
  // Nothing hop-by-hop is left but what was written: the framing, and Connection with Upgrade, side by side.
  LASTCALL_ASSERT(again.drops.end() - again.drops.begin() ==
                  (head.framing != Framing::none || head.upgrade ? 1 : 0));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Exact in(lastcall::fuzz::as_text(data, size));
  RequestHead head;
  Refusal refusal;
  const Parsed whole = parse_request(in.view(), {}, head, refusal);
  lastcall::fuzz::for_cuts(size, [&](std::size_t cut) {
    const Parsed part = parse(Exact(in.view().substr(0, cut)).view());
    const bool within_head = whole != Parsed::complete || cut < head.size;
    LASTCALL_ASSERT(part == Parsed::incomplete ||
                    (part == whole && (part == Parsed::refused || !within_head)));
  });
  if (whole == Parsed::refused) {
    LASTCALL_ASSERT(refusal.status >= 400 && *refusal.why != '\0');
  }
  if (whole == Parsed::complete) {
    LASTCALL_ASSERT(head.size <= size);
    check_forwarded(head, in.view(), true);
    check_forwarded(head, in.view(), false);
  }
  return 0;
}
