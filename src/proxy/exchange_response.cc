// The response's way to the client: interim heads, the final head, the body, and where the two connections go
// then.
#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/shard.h"
#include "proxy/upstream.h"

namespace lastcall::proxy {
namespace {

constexpr int kSwitchingProtocols = 101;
constexpr std::size_t kCopiedBody = 32U << 10U;  // larger bodies are sent from where they were read

}  // namespace

bool Exchange::takes_upstream_bytes() const {
  const std::size_t unsent = client_->unsent();
  const bool has_room = unsent == 0 || (unsent < shard_.settings().buffer_response && !tunnel_);
  const bool dropped = websocket_ != nullptr && websocket_->drops_app_bytes();
  return (has_room || dropped) && !upstream_ended_;
}

std::size_t Exchange::upstream_read_size() const {
  return client_->slow() ? kSlowRead : kReadBuffer;
}

void Exchange::upstream_bytes(std::string_view in) {
  response_seen_ = true;
  if (wait_ == Wait::response) {
    wait_for(Wait::nothing);
  }
  char* out = shard_.write_buffer();
  if (!response_started_ && !take_heads(in, out)) {
    return;
  }
  relay_body(in, out);
}

// Writes every head that has come whole to `out` and takes it off `in`. False: the final one has not come, or
// the exchange has ended here.
bool Exchange::take_heads(std::string_view& in, char*& out) {
  char* const begin = out;
  while (!response_started_) {
    http::ResponseHead head;
    http::Refusal refusal;
    const bool to_head = method_ == http::Method::head;
    const http::Parsed parsed =
        http::parse_response(in, shard_.settings().head_limits, to_head, head, refusal);
    if (parsed == http::Parsed::incomplete) {
      upstream_->keep(in);
      if (in.empty()) {
        wait_for(Wait::response);  // the interim response was not the one that is waited for
      }
      if (out != begin) {
        static_cast<void>(to_client({begin, out}));
      }
      return false;
    }
    if (parsed == http::Parsed::refused) {
      refuse_response(refusal);
      return false;
    }
    const std::string_view raw = in.substr(0, head.size);
    in.remove_prefix(head.size);
    const bool interim = head.status < 200 && head.status != kSwitchingProtocols;
    if (!interim) {
      begin_response(head, raw, out);
    } else if (!take_interim(head, raw, out)) {
      return false;
    }
    const bool unasked_switch = head.status == kSwitchingProtocols && !tunnel_;
    if (unasked_switch) {
      fail(AccessError::bad_response, 502, "The app switched protocols without being asked to");
      return false;
    }
  }
  return true;
}

void Exchange::refuse_response(const http::Refusal& refusal) {
  const http::Limits& limits = shard_.settings().head_limits;
  std::string why;
  switch (refusal.limit) {
    case http::Refusal::Limit::none:
      why = fmt::format("The app's response is not valid HTTP: {}", refusal.why);
      break;
    case http::Refusal::Limit::head_bytes:
      why = fmt::format("The head of the app's response is larger than {} bytes, the limit of --max-head",
                        limits.head_bytes);
      break;
    case http::Refusal::Limit::fields:
      why = fmt::format("The app's response has more than {} fields, the limit of --max-headers",
                        limits.fields);
      break;
  }
  const bool too_large = refusal.limit != http::Refusal::Limit::none;
  fail(too_large ? AccessError::response_too_large : AccessError::bad_response, 502, why);
}

bool Exchange::take_interim(const http::ResponseHead& head, std::string_view raw, char*& out) {
  if (++interim_ > kMaxInterim) {
    fail(AccessError::bad_response, 502, "The app sent too many interim responses");
    return false;
  }
  awaits_continue_ = false;
  const bool said_already = said_continue_ && head.status == 100;
  if (!http10_ && !said_already) {
    out = http::write_response(head, raw, {}, out);
  }
  return true;
}

void Exchange::begin_response(const http::ResponseHead& head, std::string_view raw, char*& out) {
  status_ = head.status;
  if (head.status == kSwitchingProtocols) {
    if (asks_upgrade_ && request_body_.done()) {
      begin_tunnel(head, raw, out);
    }
    return;
  }
  response_started_ = true;
  app_keeps_ = head.keep_alive;
  app_keep_alive_s_ = head.keep_alive_timeout_s;
  response_body_.begin(head.framing, head.content_length);
  chunked_out_ = head.framing == http::Framing::chunked && !http10_;

  ends_by_close_ =
      head.framing == http::Framing::until_close || (head.framing == http::Framing::chunked && http10_);
  const bool answered_early = !request_body_.done();
  const bool says_farewell = shard_.says_farewell(client_->has_leftover());
  keep_ = keep_ && !ends_by_close_ && !answered_early && !says_farewell;

  const bool may_end_early =
      head.framing == http::Framing::chunked || head.framing == http::Framing::until_close;
  if (head.event_stream && may_end_early) {
    begin_events();
  }

  const auto timeout_s = static_cast<std::uint32_t>(shard_.settings().idle_timeout / 1s);
  out = http::write_response(head, raw,
                             {.http10_client = http10_,
                              .close = !keep_,
                              .keep_alive_10 = http10_ && keep_,
                              .keep_alive_timeout_s = timeout_s,
                              .chunked = chunked_out_},
                             out);
}

void Exchange::relay_body(std::string_view in, char* out) {
  if (tunnel_) {
    tunnel_from_app(in, out);
  } else if (response_body_.framing() == http::Framing::chunked) {
    relay_chunked(in, out);
  } else {
    relay_as_is(in, out);
  }
}

void Exchange::relay_as_is(std::string_view in, char* out) {
  char* const begin = shard_.write_buffer();
  const std::size_t used = response_body_.take(in);
  std::string_view body = in.substr(0, used);
  if (events_ != nullptr && events_end_within(body)) {
    return;
  }
  if (out != begin && body.size() <= kCopiedBody) {
    std::memcpy(out, body.data(), body.size());
    out += body.size();
    body = {};
  }
  if (!(out == begin ? to_client(body) : to_client({begin, out}, body))) {
    return;
  }
  if (response_body_.done()) {
    response_complete(used == in.size());
  }
}

void Exchange::relay_chunked(std::string_view in, char* out) {
  char* const begin = shard_.write_buffer();
  const auto decoded = response_body_.decode(in, chunked_out_, out);
  if (decoded.refused) {
    response_started_ = out == begin;  // a head that stands here still has not gone out
    fail(AccessError::bad_response, 502, "The app's chunked body is malformed");
    return;
  }
  if (events_ != nullptr && events_end_within(decoded.payload)) {
    return;
  }
  if (!to_client({begin, decoded.end})) {
    return;
  }
  if (response_body_.done()) {
    response_complete(decoded.consumed == in.size());
  }
}

bool Exchange::to_client(std::string_view head, std::string_view body) {
  if (head.empty()) {
    return true;
  }
  bytes_out_ += head.size() + body.size();
  shard_.count().bytes_out.add(head.size() + body.size());
  const bool last = response_started_ && response_body_.done() && !tunnel_ && !keep_;
  if (client_->send(head, body, last)) {
    return true;
  }
  client_->broken();
  return false;
}

void Exchange::upstream_ended() {
  if (tunnel_) {
    tunnel_app_ended();
    return;
  }
  // A send that failed has taken the error with it: this end is none that the app meant.
  const bool ends_here =
      response_started_ && !request_stuck_ && response_body_.framing() == http::Framing::until_close;
  if (!ends_here) {
    upstream_lost(0);
    return;
  }
  response_complete(false);
}

void Exchange::response_complete(bool upstream_clean) {
  response_done_ = true;
  const bool reusable = upstream_clean && app_keeps_ && !shard_.is_app_gone() && request_body_.done() &&
                        !upstream_->dirty() && response_body_.framing() == http::Framing::none;
  if (reusable) {
    Upstream& upstream = *upstream_;
    upstream_ = nullptr;
    upstream.detach();
    shard_.pool().release(upstream, std::chrono::seconds(app_keep_alive_s_), shard_.now());
  } else {
    drop_upstream();
  }
  if (client_->unsent() == 0) {
    delivered();
  }
}

void Exchange::client_took() {
  if (response_done_) {
    if (client_->unsent() == 0) {
      delivered();
    }
    return;
  }
  if (websocket_ != nullptr && !continue_close()) {
    return;
  }
  if (end_due_) {
    pass_end_on();
    return;
  }
  if (upstream_ != nullptr && takes_upstream_bytes()) {
    shard_.later(*upstream_);
  }
}

void Exchange::delivered() {
  shard_.record([](drain::TrafficReport& traffic) { ++traffic.finished; });
  if (!tunnel_) {
    shard_.count().count_response(method_, status_, shard_.now() - started_);
  }
  log_access(AccessError::none);
  client_->exchange_done(keep_);
}

}  // namespace lastcall::proxy
