// Upgraded connections: bytes both ways, each way to its own end; and how a WebSocket is closed during the
// drain (LC206): the client gets a Close at a frame boundary, its frames go on to the app until its own
// Close, and the app's answer ends it.
#include <array>
#include <span>

#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/shard.h"
#include "proxy/upstream.h"

namespace lastcall::proxy {
namespace {

/// Room for a Close frame, whatever its reason.
using CloseFrame = std::array<char, http::kFrameRoom + 125>;

http::FrameMask random_mask() {
  http::FrameMask mask;
  sys::random_bytes(std::as_writable_bytes(std::span(mask)));
  return mask;
}

std::string_view write_close(const Settings& settings, const std::optional<http::FrameMask>& mask,
                             CloseFrame& frame) {
  const char* const end =
      http::write_close(settings.ws_close_code, settings.ws_close_reason, mask, frame.data());
  return {frame.data(), end};
}

/// For a client whose app has gone: an unexpected condition (RFC 6455 §7.4.1).
std::string_view write_app_gone(CloseFrame& frame) {
  constexpr std::uint16_t kInternalError = 1011;
  return {frame.data(), http::write_close(kInternalError, "the app has gone", std::nullopt, frame.data())};
}

}  // namespace

void Exchange::begin_tunnel(const http::ResponseHead& head, std::string_view raw, char*& out) {
  response_started_ = true;
  tunnel_ = true;
  keep_ = false;
  out = http::write_response(head, raw, {}, out);
  shard_.count().count_response(method_, status_, shard_.now() - started_);
  if (asks_websocket_) {
    websocket_ = std::make_unique<WebSocketTunnel>();
    shard_.stream_began(*this);
  }
  keep_request_line();
  shard_.later(*client_);  // it may have spoken already
}

/// A tunnel may last for days, and nothing is sent again: reports need no more of the request, and an access
/// log only its id.
void Exchange::keep_request_line() {
  net::Bytes line;
  line.append(request_.view().substr(0, path_begin_ + path_length_));
  if (shard_.settings().access_log) {
    line.append("\r\nx-request-id: ");
    line.append(request_id());
    line.append("\r\n\r\n");
  }
  request_ = std::move(line);
  head_size_ = static_cast<std::uint32_t>(request_.size());
}

// From the app.

void Exchange::tunnel_from_app(std::string_view in, char* out) {
  if (!to_client({shard_.write_buffer(), out})) {
    return;
  }
  if (websocket_ == nullptr) {
    static_cast<void>(to_client(in));
    return;
  }
  while (!in.empty()) {
    const WebSocketTunnel::Passage passage = websocket_->from_app(in);
    if (passage.relayed && !to_client(in.substr(0, passage.size))) {
      return;
    }
    in.remove_prefix(passage.size);
    if (!continue_close()) {
      return;
    }
  }
}

/// Orderly or not: a WebSocket that nobody has closed is closed for it, and while draining each is.
void Exchange::tunnel_app_ended() {
  upstream_ended_ = true;
  if (websocket_ != nullptr && close_for_app()) {
    return;
  }
  pass_end_on();
}

/// Behind all that the client has still to take.
void Exchange::pass_end_on() {
  end_due_ = client_->unsent() > 0;
  if (end_due_) {
    return;
  }
  client_->finish_writing();
  if (client_ended_) {
    delivered();
  }
}

/// False: the client gets the app's end as it is.
bool Exchange::close_for_app() {
  websocket_->app_ended(!client_ended_);
  const bool in_drain = shard_.is_draining() && (websocket_->ending() || !client_ended_);
  if (!in_drain && !websocket_->has_app_vanished()) {
    websocket_->close_sent();
    return false;
  }
  websocket_->end();
  if (!continue_close()) {
    return true;
  }
  const bool waits = websocket_->is_client_told() || websocket_->has_app_vanished();
  if (waits) {
    await_close();
  }
  return waits;
}

void Exchange::tunnel_app_lost() {
  const bool as_frames = websocket_ != nullptr && (websocket_->is_followed() || shard_.is_draining());
  if (as_frames && !upstream_ended_) {
    tunnel_app_ended();
  } else if (as_frames && !end_due_) {
    delivered();  // both sides have heard the end: what the client still says is for nobody
  } else if (!as_frames) {
    lose(AccessError::no_answer, 502, "The app closed the connection");
  }
}

// From the client.

void Exchange::tunnel_from_client(std::string_view in) {
  bytes_in_ += in.size();
  shard_.count().bytes_in.add(in.size());
  if (websocket_ != nullptr && websocket_->gave_up_on_client()) {
    return;
  }
  const bool followed = websocket_ != nullptr && !websocket_->has_client_answered();
  if (followed) {
    websocket_->from_client(in);
  }
  const bool closing = websocket_ != nullptr && websocket_->ending();
  const bool app_listens = !closing || !upstream_ended_;
  if (app_listens && !upstream_->stream().write(in)) {
    tunnel_app_lost();
    return;
  }
  const bool answered = followed && closing && websocket_->has_client_answered();
  if (!answered || !continue_close()) {
    return;
  }
  await_close();
  const bool client_is_through = websocket_->is_client_told() && client_->unsent() == 0;
  if (client_is_through) {
    client_->finish_writing();
  }
}

void Exchange::tunnel_client_ended() {
  client_ended_ = true;
  const bool closing = websocket_ != nullptr && websocket_->drops_app_bytes();
  if (closing && websocket_->has_client_answered()) {
    return;  // an end right behind the Close keeps some apps from answering it
  }
  if (closing && !websocket_->gave_up_on_client()) {
    leave_client_behind();
    return;
  }
  sys::shutdown_write(upstream_->stream().fd());
  if (upstream_ended_ && !end_due_) {
    delivered();
  }
}

// The closing handshakes.

/// One that the app has ended waits for its client's answer alone, and not for ever.
void Exchange::close_websocket() {
  if (client_ended_ || !websocket_->is_followed()) {
    return;
  }
  websocket_->end();
  if (continue_close()) {
    await_close();
  }
}

/// One time for all of it, with both sides.
void Exchange::await_close() {
  if (wait_ == Wait::nothing) {
    wait_for(Wait::close);
  }
}

/// As far as it goes now. False: the exchange is over.
bool Exchange::continue_close() {
  if (websocket_->is_close_due() && !send_close()) {
    return false;
  }
  const bool delivered = client_->unsent() == 0 && (upstream_ended_ || upstream_->stream().unsent() == 0);
  if (!websocket_->ending() || !websocket_->is_over() || !delivered) {
    return true;
  }
  websocket_over();
  return false;
}

bool Exchange::send_close() {
  websocket_->close_sent();
  CloseFrame frame;
  const bool app_gone = websocket_->has_app_vanished() && !shard_.is_draining();
  return to_client(app_gone ? write_app_gone(frame) : write_close(shard_.settings(), std::nullopt, frame));
}

/// The client has not answered its Close and will not. The app gets ours in its place, where a frame may
/// stand.
void Exchange::leave_client_behind() {
  const bool at_boundary = websocket_->give_up_on_client();
  CloseFrame frame;
  const bool told = !upstream_ended_ && at_boundary &&
                    upstream_->stream().write(write_close(shard_.settings(), random_mask(), frame));
  if (!told) {
    sys::shutdown_write(upstream_->stream().fd());
  }
  static_cast<void>(continue_close());
}

/// A client that is silent, or has not even read so far, leaves its app the time for an answer to the Close
/// that the app gets instead.
void Exchange::client_close_timed_out() {
  wait_for(Wait::app_close);
  const bool is_silent = !websocket_->has_client_answered() && !websocket_->gave_up_on_client();
  const bool app_listens = upstream_->stream().unsent() == 0;
  if (websocket_->is_client_told() && is_silent && app_listens) {
    leave_client_behind();
  }
}

void Exchange::close_timed_out() {
  if (!websocket_->is_client_told() || client_->unsent() > 0) {
    cut("no Close could be sent in time");
    return;
  }
  websocket_over();
}

/// What becomes of it when time is over. True: that ended it.
bool Exchange::end_websocket_now() {
  if (websocket_->drops_app_bytes() && client_->unsent() == 0) {
    websocket_over();
    return true;
  }
  websocket_->end();
  return websocket_->is_close_due() && !send_close();
}

void Exchange::websocket_over() {
  if (websocket_->has_app_vanished()) {
    lose(AccessError::no_answer, 502, "The app closed the connection");
    return;
  }
  shard_.record([this](drain::TrafficReport& traffic) {
    if (!websocket_->has_client_answered()) {
      ++traffic.websockets.client_silent;
    } else if (!websocket_->is_over()) {
      ++traffic.websockets.app_silent;
    } else {
      ++traffic.websockets.closed;
    }
  });
  response_complete(false);
}

}  // namespace lastcall::proxy
