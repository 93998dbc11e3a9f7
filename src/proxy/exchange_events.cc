// Event streams: followed from event to event, so that during the drain they end between two of them (LC207),
// and the policy that says which exchanges are ended how.
#include <span>
#include <string>

#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/shard.h"

namespace lastcall::proxy {
namespace {

constexpr std::uint32_t kLeastRetryMs = 500;
constexpr std::uint32_t kRetrySpreadMs = 2500;

/// A field of no event: when to come back, which differs so that not all clients come at once.
std::string retry_field() {
  std::uint32_t random = 0;
  sys::random_bytes(std::as_writable_bytes(std::span(&random, 1)));
  return "retry: " + std::to_string(kLeastRetryMs + random % kRetrySpreadMs) + "\n\n";
}

}  // namespace

/// EventSource asks with GET and comes back by itself; a stream that answers another method is one response,
/// which would seem whole if it ended early.
StreamPolicy Exchange::stream_policy() const {
  const bool comes_back = websocket_ != nullptr || (events_ != nullptr && method_ == http::Method::get);
  const StreamPolicy standard = comes_back ? StreamPolicy::close : StreamPolicy::finish;
  return find_policy(shard_.settings().stream_rules, path()).value_or(standard);
}

void Exchange::end_stream() {
  if (websocket_ != nullptr) {
    close_websocket();
    return;
  }
  end_events_ = true;
  if (events_->at_boundary() && !response_done_) {
    end_events({});
  }
}

void Exchange::begin_events() {
  events_ = std::make_unique<http::EventStream>();
  shard_.stream_began(*this);
}

/// Follows a piece of the stream. True: it was to end at the next boundary, has reached it, and is over.
bool Exchange::events_end_within(std::string_view payload) {
  if (!end_events_ || response_body_.done()) {
    events_->take(payload);
    return false;
  }
  const std::size_t used = events_->take_to_boundary(payload);
  if (!events_->at_boundary()) {
    return false;
  }
  end_events(payload.substr(0, used));
  return true;
}

/// The response is over for the client, and its connection with it, so that it comes back over another one.
void Exchange::end_events(std::string_view last) {
  const std::string retry = retry_field();
  std::string out;
  for (const std::string_view payload : {last, std::string_view(retry)}) {
    if (!chunked_out_) {
      out.append(payload);
    } else if (!payload.empty()) {
      http::append_chunk(out, payload);
    }
  }
  if (chunked_out_) {
    out.append(http::kLastChunk);
  }
  keep_ = false;
  if (to_client(out)) {
    shard_.record([](drain::TrafficReport& traffic) { ++traffic.event_streams_ended; });
    response_complete(false);
  }
}

}  // namespace lastcall::proxy
