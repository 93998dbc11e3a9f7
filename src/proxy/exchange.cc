// The request's way to the app: from the parsed head to the last byte of its body, and again where that is
// safe.
#include "proxy/exchange.h"

#include <cerrno>

#include "http/fields.h"
#include "http/scan.h"
#include "proxy/downstream.h"
#include "proxy/shard.h"
#include "proxy/upstream.h"

namespace lastcall::proxy {

std::size_t Exchange::begin(Downstream& client, const http::RequestHead& head, std::string_view in,
                            drain::Permit permit) {
  client_ = &client;
  permit_ = std::move(permit);
  started_ = shard_.now();
  method_ = head.method;
  idempotent_ = head.idempotent;
  http10_ = head.http10;
  keep_ = head.keep_alive;
  html_ = wants_html(head.accept);
  asks_upgrade_ = head.upgrade;
  asks_websocket_ = head.upgrade && http::equals_lower(head.upgrade_protocol, "websocket");
  awaits_continue_ = head.expect_continue;
  request_body_.begin(head.framing, head.content_length);

  const http::Forwarding forwarding{.client = client.client(),
                                    .trust = shard_.settings().trust_forwarded,
                                    .request_id = shard_.next_request_id(),
                                    .request_start = shard_.request_start()};
  char* const out = request_.room(head.size + http::kRequestRoom + client.client().size() + head.host.size());
  request_.added(
      static_cast<std::size_t>(http::write_request(head, in.substr(0, head.size), forwarding, out) - out));
  path_begin_ = static_cast<std::uint32_t>(head.method_text.size() + 1);
  path_length_ = static_cast<std::uint32_t>(head.path.size());

  head_size_ = static_cast<std::uint32_t>(request_.size());
  const std::size_t used = keep_body(in.substr(head.size));
  bytes_in_ = head.size + used;
  shard_.count().bytes_in.add(bytes_in_);
  return head.size + used;
}

void Exchange::dispatch() {
  if (refusal_ != 0) {
    refuse_body();
  } else if (must_gather()) {
    begin_gathering();
  } else {
    forward();
  }
}

void Exchange::forward() {
  if (shard_.is_app_gone()) {
    refuse();
    return;
  }
  if (!shard_.is_app_ready()) {
    wait_for(Wait::held);
    return;
  }
  upstream_ = shard_.pool().reuse(idempotent_ && request_body_.done(), shard_.now());
  if (upstream_ == nullptr) {
    connect();
  } else {
    send_request();
  }
}

void Exchange::connect() {
  int error = 0;
  upstream_ = shard_.pool().connect(error);
  if (upstream_ == nullptr) {
    connect_failed(error);
    return;
  }
  send_request();
}

void Exchange::send_request() {
  request_stuck_ = false;
  upstream_->attach(*this);
  upstream_->stream().forget_sent();
  if (!upstream_->stream().write(request_.view())) {
    upstream_lost(-EPIPE);
    return;
  }
  upstream_->established |= upstream_->stream().sent_any();
  forget_body();
  wait_for(upstream_->established ? Wait::response : Wait::connect);
  const bool body_may_wait = uploading() && takes_client_bytes();
  if (body_may_wait) {
    shard_.later(*client_);
  }
}

void Exchange::wait_for(Wait wait) {
  const Time now = shard_.now();
  wait_ = wait;
  switch (wait) {
    case Wait::nothing:
    case Wait::body:
      cancel();
      return;
    case Wait::held:
      cancel();
      if (!shard_.hold(*this)) {
        wait_ = Wait::nothing;
        answer_instead({.status = 503,
                        .error = AccessError::starting,
                        .detail = "The service is starting and too many requests wait for it already",
                        .retry_after = true});
      }
      return;
    case Wait::connect:
      shard_.timeouts().connect.start(*this, now);
      return;
    case Wait::retry:
      shard_.timeouts().retry.start(*this, now);
      return;
    case Wait::response:
      shard_.timeouts().response.start(*this, now);
      return;
    case Wait::close:
      shard_.timeouts().closing.start(*this, now);
      return;
    case Wait::app_close:
      // From when the first part of the time was over, however late that is seen.
      shard_.timeouts().closing_app.start(*this, since() + shard_.timeouts().closing.duration());
      return;
  }
}

void Exchange::timed_out() {
  switch (wait_) {
    case Wait::connect:
      connect_failed(-ETIMEDOUT);
      return;
    case Wait::retry:
      connect();
      return;
    case Wait::close:
      client_close_timed_out();
      return;
    case Wait::app_close:
      close_timed_out();
      return;
    case Wait::response:
      if (request_body_.done()) {
        fail(AccessError::timeout, 504, "The app did not answer in time");
      } else {
        wait_for(Wait::response);
      }
      return;
    case Wait::nothing:
    case Wait::body:
    case Wait::held:
      return;
  }
}

// An app that restarts its listener, or whose backlog is full, refuses for a moment only.
void Exchange::connect_failed(int error) {
  drop_upstream();
  const Time now = shard_.now();
  if (refused_since_ == Time{}) {
    refused_since_ = now;
  }
  const bool passing = error == -ECONNREFUSED || error == -EAGAIN || error == -ENOENT ||
                       error == -ECONNRESET || error == -EPIPE;
  if (shard_.is_app_gone() && !passed_on_) {
    refuse();
  } else if (shard_.is_app_gone()) {
    lose(AccessError::no_answer, 502, "The app ended without an answer");
  } else if (passing && now - refused_since_ < kRefusedRetryTotal) {
    wait_for(Wait::retry);
  } else if (passing) {
    lose(AccessError::unreachable, 502, "The app could not be reached");
  } else {
    fail(AccessError::unreachable, error == -ETIMEDOUT ? 504 : 502, "The app could not be reached");
  }
}

bool Exchange::may_send_again() const {
  const bool nothing_sent = !upstream_->stream().sent_any();
  const bool harmless = idempotent_ && upstream_->reused;
  return !sent_again_ && !response_seen_ && replayable_ && (nothing_sent || harmless);
}

void Exchange::upstream_established() {
  if (wait_ == Wait::connect) {
    wait_for(Wait::response);
  }
}

void Exchange::upstream_lost(int error) {
  if (tunnel_) {
    tunnel_app_lost();
    return;
  }
  if (!upstream_->established) {
    connect_failed(error);
    return;
  }
  if (may_send_again()) {
    sent_again_ = true;
    passed_on_ = upstream_->stream().sent_any();
    shard_.count().retries.add(1);
    drop_upstream();
    connect();
    return;
  }
  lose(AccessError::no_answer, 502, "The app closed the connection without an answer");
}

void Exchange::refuse() {
  shard_.record([](drain::TrafficReport& traffic) { ++traffic.refused; });
  answer_instead({.status = 503,
                  .error = AccessError::stopping,
                  .detail = "The service is stopping; nothing was done for this request",
                  .retry_after = true});
}

void Exchange::fail(AccessError error, int status, std::string_view detail) {
  shard_.record([](drain::TrafficReport& traffic) { ++traffic.failed; });
  answer_instead({.status = status, .error = error, .detail = detail});
}

void Exchange::lose(AccessError error, int status, std::string_view detail) {
  shard_.lost_by_app();
  answer_instead({.status = status, .error = error, .detail = detail});
}

void Exchange::answer_instead(Answer answer) {
  if (response_started_) {
    break_off(answer.error == AccessError::cut ? AccessError::cut : AccessError::truncated);
    return;
  }
  status_ = answer.status;
  answer.head = method_ == http::Method::head;
  answer.html = html_;
  answer.request_id = request_id();
  const std::string response = render(answer, shard_.settings().error_pages);
  bytes_out_ += response.size();
  shard_.count().bytes_out.add(response.size());
  shard_.count().count_response(method_, status_, shard_.now() - started_);
  log_access(answer.error);
  client_->exchange_failed(response);
}

// Only a reset tells the client of a body without length that it has not got all of it.
void Exchange::break_off(AccessError error) {
  log_access(error);
  client_->exchange_broken(ends_by_close_);
}

// What is read next tells why: the app may have answered before it closed.
void Exchange::upstream_takes_no_more() {
  request_stuck_ = true;
  if (tunnel_) {
    tunnel_app_lost();
  }
}

void Exchange::client_ended() {
  if (tunnel_) {
    tunnel_client_ended();
  } else {
    client_->broken();
  }
}

void Exchange::client_gone() {
  status_ = response_started_ ? status_ : 499;
  shard_.record([](drain::TrafficReport& traffic) { ++traffic.client_gone; });
  log_access(AccessError::client_gone);
}

// The end.

void Exchange::cut(std::string_view reason) {
  if (websocket_ != nullptr && end_websocket_now()) {
    return;
  }
  shard_.record([&](drain::TrafficReport& traffic) {
    ++traffic.cut;
    if (traffic.cuts.size() < drain::TrafficReport::kMaxCuts) {
      drain::OpenExchange open = describe();
      traffic.cuts.push_back({.method = std::move(open.method),
                              .path = std::move(open.path),
                              .client = std::move(open.client),
                              .age = open.age,
                              .bytes_in = open.bytes_in,
                              .bytes_out = open.bytes_out,
                              .reason = std::string(reason)});
    }
  });
  if (upstream_ == nullptr && !passed_on_) {
    answer_instead({.status = 503,
                    .error = AccessError::cut,
                    .detail = "The service stopped before the request was passed on",
                    .retry_after = true});
  } else {
    answer_instead({.status = 504,
                    .error = AccessError::cut,
                    .detail = "The service stopped before the app had answered"});
  }
}

drain::OpenExchange Exchange::describe() const {
  return {.method = std::string(method_text()),
          .path = std::string(path().substr(0, kPathTold)),
          .client = std::string(client_->client()),
          .stage = stage(),
          .age = shard_.now() - started_,
          .bytes_in = bytes_in_,
          .bytes_out = bytes_out_};
}

std::string_view Exchange::stage() const {
  if (tunnel_) {
    return websocket() ? "websocket" : "tunnel";
  }
  if (wait_ == Wait::held) {
    return "held";
  }
  if (response_started_) {
    return "downloading";
  }
  return uploading() ? "uploading" : "waiting";
}

void Exchange::drop_upstream() {
  if (upstream_ != nullptr) {
    upstream_->detach();
    shard_.pool().close(*upstream_);
    upstream_ = nullptr;
  }
}

/// Read from the head only once it is asked for: a request that nobody logs pays nothing for it.
std::string_view Exchange::request_id() const {
  const std::string_view head = request_.view().substr(0, head_size_);
  return find_request_id(head.substr(head.find("\r\n") + 2));
}

void Exchange::log_access(AccessError error) const {
  if (!shard_.settings().access_log) {
    return;
  }
  shard_.observer().log_access({.method = method_text(),
                                .path = path(),
                                .client = client_->client(),
                                .request_id = request_id(),
                                .status = status_,
                                .took = shard_.now() - started_,
                                .bytes_in = bytes_in_,
                                .bytes_out = bytes_out_,
                                .error = error});
}

void Exchange::leave() {
  drop_upstream();
  if (wait_ == Wait::held) {
    shard_.unhold(*this);
  }
  shard_.stream_ends().remove(*this);
  cancel();
  permit_.release();
}

}  // namespace lastcall::proxy
