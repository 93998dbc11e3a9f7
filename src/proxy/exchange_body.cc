// The request's body on its way to the app: kept beside the head, gathered before the app is asked where that
// is wanted, relayed as it comes, and given up on where it comes too slowly.
#include <algorithm>
#include <utility>

#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/shard.h"
#include "proxy/upstream.h"

namespace lastcall::proxy {

/// Keeps what came of the body for sending; how many bytes of `in` belong to it.
std::size_t Exchange::keep_body(std::string_view in) {
  if (request_body_.framing() == http::Framing::chunked) {
    char* const body = request_.room(in.size() + http::Body::kRoom);
    const auto decoded = request_body_.decode(in, true, body);
    request_.added(static_cast<std::size_t>(decoded.end - body));
    refusal_ = body_refusal(decoded.refused);
    return decoded.consumed;
  }
  const std::size_t used = request_body_.done() ? 0 : request_body_.take(in);
  request_.append(in.substr(0, used));
  return used;
}

int Exchange::body_refusal(bool malformed) const {
  const std::uint64_t limit = shard_.settings().max_body;
  const bool too_large = limit != 0 && request_body_.payload_size() > limit;
  return malformed ? 400 : too_large ? 413 : 0;
}

void Exchange::refuse_body() {
  const bool too_large = refusal_ == 413;
  answer_instead({.status = refusal_,
                  .error = too_large ? AccessError::body_too_large : AccessError::bad_request,
                  .detail = too_large ? kBodyTooLarge : "The request's chunked body is malformed"});
}

// An app that serves one request at a time is not to wait for a slow client's body.
bool Exchange::must_gather() const {
  const std::size_t limit = shard_.settings().buffer_request;
  return limit != 0 && !request_body_.done() && request_.size() - head_size_ < limit;
}

void Exchange::begin_gathering() {
  wait_for(Wait::body);
  if (!std::exchange(awaits_continue_, false)) {
    return;
  }
  // The app, who would say so, is not asked yet (RFC 9110 §10.1.1).
  said_continue_ = true;
  if (!client_->send("HTTP/1.1 100 Continue\r\n\r\n", {}, false)) {
    client_->broken();
  }
}

std::size_t Exchange::gather(std::string_view in) {
  const std::size_t used = keep_body(in);
  bytes_in_ += used;
  shard_.count().bytes_in.add(used);
  if (refusal_ != 0 || !must_gather()) {
    wait_for(Wait::nothing);
    dispatch();
  }
  return used;
}

// What was gathered is not kept twice, once it cannot be sent again. A connection that has taken nothing may
// still be refused, and then another is tried.
void Exchange::forget_body() {
  const bool is_large = request_.size() - head_size_ > kReadBuffer;
  if (!is_large || !upstream_->stream().sent_any() || may_send_again()) {
    return;
  }
  net::Bytes head;
  head.append(request_.view().substr(0, head_size_));
  request_ = std::move(head);
  replayable_ = false;
}

bool Exchange::takes_client_bytes() const {
  if (gathering()) {
    return true;
  }
  const bool app_listens =
      upstream_ != nullptr && upstream_->established && upstream_->stream().unsent() == 0;
  return app_listens && !request_stuck_ && (tunnel_ ? !client_ended_ : !request_body_.done());
}

std::size_t Exchange::client_read_size() const {
  if (tunnel_) {
    return kReadBuffer;
  }
  // What follows the body is kept until its turn comes: no more of it than a head may have.
  const std::uint64_t body = request_body_.framing() == http::Framing::length ? request_body_.left() : 0;
  const std::uint64_t most =
      gathering() ? shard_.settings().buffer_request - (request_.size() - head_size_) : kReadBuffer;
  return static_cast<std::size_t>(std::min<std::uint64_t>(std::min(body, most) + kHeadRead, kReadBuffer));
}

std::size_t Exchange::client_bytes(std::string_view in) {
  if (gathering()) {
    return gather(in);
  }
  replayable_ = false;
  if (tunnel_) {
    tunnel_from_client(in);
    return in.size();
  }
  const std::size_t used = relay_request_body(in);
  bytes_in_ += used;
  shard_.count().bytes_in.add(used);
  return used;
}

std::size_t Exchange::relay_request_body(std::string_view in) {
  if (request_body_.framing() == http::Framing::chunked) {
    char* const out = shard_.write_buffer();
    const auto decoded = request_body_.decode(in, true, out);
    refusal_ = body_refusal(decoded.refused);
    if (refusal_ != 0) {
      refuse_body();
      return in.size();
    }
    to_upstream({out, decoded.end});
    return decoded.consumed;
  }
  const std::size_t used = request_body_.take(in);
  to_upstream(in.substr(0, used));
  return used;
}

void Exchange::to_upstream(std::string_view body) {
  awaits_continue_ = false;
  request_stuck_ = !upstream_->stream().write(body);
  if (request_body_.done() && wait_ == Wait::response) {
    wait_for(Wait::response);
  }
}

void Exchange::upstream_flushed() {
  bytes_in_window_ = bytes_in_;
  client_->start_body_window();
  shard_.later(*client_);
  if (websocket_ != nullptr) {
    static_cast<void>(continue_close());
  }
}

bool Exchange::give_up_on_client(bool stalled) {
  if (stalled) {
    client_->broken();
    return true;
  }
  const bool waits_for_body = uploading() && takes_client_bytes() && !awaits_continue_;
  const double seconds = to_seconds(shard_.settings().body_window);
  const double least = static_cast<double>(shard_.settings().min_body_rate) * seconds;
  const bool too_slow = static_cast<double>(bytes_in_ - bytes_in_window_) < least;
  bytes_in_window_ = bytes_in_;
  if (!waits_for_body || !too_slow) {
    return false;
  }
  if (response_started_) {
    client_->broken();
  } else {
    answer_instead(
        {.status = 408, .error = AccessError::too_slow, .detail = "The request body came too slowly"});
  }
  return true;
}

}  // namespace lastcall::proxy
