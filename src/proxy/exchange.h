// Exchange: one request and its response on their way through the proxy. Holds the permit of the work in
// flight, ties a Downstream to an Upstream, and knows whether the request may still be sent again. Belongs to
// one shard. exchange.cc: the request's way to the app; exchange_body.cc: its body's; exchange_response.cc:
// the response's way back; exchange_tunnel.cc: upgraded connections; exchange_events.cc: event streams.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "drain/gate.h"
#include "drain/report.h"
#include "http/body.h"
#include "http/event_stream.h"
#include "http/head.h"
#include "net/bytes.h"
#include "net/timeouts.h"
#include "proxy/answers.h"
#include "proxy/stream_ends.h"
#include "proxy/stream_policy.h"
#include "proxy/websocket_tunnel.h"

namespace lastcall::proxy {

class Downstream;
class Shard;
class Upstream;

class Exchange final : public net::TimeoutNode {
 public:
  explicit Exchange(Shard& shard) : shard_(shard) {}

  /// Takes over a parsed request: `head` stands at the start of `in`. Returns how many bytes of `in` belong
  /// to it; its body may go on beyond them. Sends nothing yet.
  [[nodiscard]] std::size_t begin(Downstream& client, const http::RequestHead& head, std::string_view in,
                                  drain::Permit permit);

  /// Sends the request to the app, now or as soon as it is ready and as much of the body has come as is
  /// gathered first; or refuses it, if its body is malformed.
  void dispatch();

  // From the client's side.

  [[nodiscard]] bool takes_client_bytes() const;
  [[nodiscard]] std::size_t client_read_size() const;
  /// Relays body or tunnel bytes; returns how many were used up.
  [[nodiscard]] std::size_t client_bytes(std::string_view in);
  /// The client has closed its side, in the middle of a body or of a tunnel.
  void client_ended();
  /// The client's connection is broken.
  void client_gone();
  /// Of what was queued for the client some has gone out, or all.
  void client_took();
  /// The client's time is over. False: it may go on.
  [[nodiscard]] bool give_up_on_client(bool stalled);

  // From the app's side.

  [[nodiscard]] bool takes_upstream_bytes() const;
  [[nodiscard]] std::size_t upstream_read_size() const;
  void upstream_established();
  void upstream_bytes(std::string_view in);
  void upstream_ended();
  void upstream_lost(int error);
  void upstream_flushed();
  void upstream_takes_no_more();

  // From the shard.

  void timed_out();
  /// Answers 503: the app can no longer be reached for it.
  void refuse();
  /// Ends it and records that it was cut.
  void cut(std::string_view reason);
  /// What the drain does with it.
  [[nodiscard]] StreamPolicy stream_policy() const;
  /// Ends a WebSocket or an event stream where it may end: now, or as soon as it gets there.
  void end_stream();

  /// The app has not been asked yet: the body is still coming in.
  [[nodiscard]] bool gathering() const { return wait_ == Wait::body; }

  [[nodiscard]] bool tunnel() const { return tunnel_; }

  [[nodiscard]] bool websocket() const { return websocket_ != nullptr; }

  [[nodiscard]] bool event_stream() const { return events_ != nullptr; }

  [[nodiscard]] bool uploading() const { return !tunnel_ && !request_body_.done(); }

  [[nodiscard]] bool downloading() const { return !tunnel_ && response_started_; }

  [[nodiscard]] Time started() const { return started_; }

  /// For a person who asks what is going on.
  [[nodiscard]] drain::OpenExchange describe() const;

  StreamEnds::Place ends_place;  ///< where it waits for its turn to end

  /// Gives up its permit, its timeout and its upstream connection. The last call.
  void leave();

 private:
  enum class Wait : std::uint8_t { nothing, body, held, connect, retry, response, close, app_close };

  void wait_for(Wait wait);
  [[nodiscard]] bool must_gather() const;
  void begin_gathering();
  [[nodiscard]] std::size_t gather(std::string_view in);
  [[nodiscard]] std::size_t keep_body(std::string_view in);
  void forget_body();
  void forward();
  void connect();
  void connect_failed(int error);
  void send_request();
  [[nodiscard]] bool may_send_again() const;
  void fail(AccessError error, int status, std::string_view detail);
  /// The app has gone from under it.
  void lose(AccessError error, int status, std::string_view detail);
  /// Ends it with an answer of our own, or by breaking the response off if that has begun.
  void answer_instead(Answer answer);
  void break_off(AccessError error);
  [[nodiscard]] std::size_t relay_request_body(std::string_view in);
  void to_upstream(std::string_view body);
  void refuse_body();
  [[nodiscard]] int body_refusal(bool malformed) const;
  [[nodiscard]] bool take_heads(std::string_view& in, char*& out);
  void refuse_response(const http::Refusal& refusal);
  [[nodiscard]] bool take_interim(const http::ResponseHead& head, std::string_view raw, char*& out);
  void begin_response(const http::ResponseHead& head, std::string_view raw, char*& out);
  void relay_body(std::string_view in, char* out);
  void relay_as_is(std::string_view in, char* out);
  void relay_chunked(std::string_view in, char* out);
  void begin_tunnel(const http::ResponseHead& head, std::string_view raw, char*& out);
  void keep_request_line();
  void tunnel_from_app(std::string_view in, char* out);
  void tunnel_from_client(std::string_view in);
  void tunnel_client_ended();
  void tunnel_app_ended();
  [[nodiscard]] bool close_for_app();
  void tunnel_app_lost();
  void pass_end_on();
  void close_websocket();
  [[nodiscard]] bool continue_close();
  [[nodiscard]] bool send_close();
  void leave_client_behind();
  void await_close();
  void client_close_timed_out();
  void close_timed_out();
  [[nodiscard]] bool end_websocket_now();
  void websocket_over();
  void begin_events();
  [[nodiscard]] bool events_end_within(std::string_view payload);
  void end_events(std::string_view last);
  [[nodiscard]] bool to_client(std::string_view head, std::string_view body = {});
  void response_complete(bool upstream_clean);
  void delivered();
  void drop_upstream();
  void log_access(AccessError error) const;
  [[nodiscard]] std::string_view request_id() const;
  [[nodiscard]] std::string_view stage() const;

  [[nodiscard]] std::string_view method_text() const { return request_.view().substr(0, path_begin_ - 1); }

  [[nodiscard]] std::string_view path() const { return request_.view().substr(path_begin_, path_length_); }

  Shard& shard_;
  Downstream* client_ = nullptr;
  Upstream* upstream_ = nullptr;
  drain::Permit permit_;
  net::Bytes request_;  ///< head as forwarded, and the body bytes that came with it: for sending again and
                        ///< for reports
  http::Body request_body_;
  http::Body response_body_;
  std::unique_ptr<WebSocketTunnel> websocket_;
  std::unique_ptr<http::EventStream> events_;
  Time started_{};
  Time refused_since_{};
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_in_window_ = 0;  ///< bytes_in_ when the present body window began
  std::uint64_t bytes_out_ = 0;
  std::uint32_t head_size_ = 0;  ///< of request_
  std::uint32_t path_begin_ = 0;
  std::uint32_t path_length_ = 0;
  std::uint32_t app_keep_alive_s_ = 0;
  int status_ = 0;
  int refusal_ = 0;  ///< status to refuse the request with, because of its body
  int interim_ = 0;
  http::Method method_ = http::Method::other;
  Wait wait_ = Wait::nothing;
  bool idempotent_ = false;
  bool http10_ = false;
  bool html_ = false;
  bool keep_ = false;  ///< the client's connection stays open afterwards
  bool asks_upgrade_ = false;
  bool asks_websocket_ = false;
  bool awaits_continue_ = false;  ///< the client rightly sends no body yet (RFC 9110 §10.1.1)
  bool said_continue_ = false;    ///< we have: the app's own is one too many
  bool replayable_ = true;        ///< request_ holds all that has come of it
  bool sent_again_ = false;
  bool passed_on_ = false;         ///< the first time, some of it
  bool request_stuck_ = false;     ///< the app takes no more of the body
  bool response_seen_ = false;     ///< a byte of a response has come
  bool response_started_ = false;  ///< a byte of a final response has gone to the client
  bool response_done_ = false;
  bool chunked_out_ = false;
  bool ends_by_close_ = false;  ///< the client learns from our close alone where the body ends
  bool app_keeps_ = false;
  bool end_events_ = false;  ///< the stream ends at the next boundary
  bool tunnel_ = false;
  bool client_ended_ = false;  ///< tunnels: each side ends on its own
  bool upstream_ended_ = false;
  bool end_due_ = false;  ///< of the app's side, for a client that has not taken all yet
};

}  // namespace lastcall::proxy
