#include "proxy/websocket_tunnel.h"

namespace lastcall::proxy {

using http::FrameReader;

std::size_t WebSocketTunnel::Direction::follow_frame(std::string_view in, bool& closed) {
  if (lost) {
    return in.size();
  }
  const FrameReader::Taken taken = frames.take_frame(in);
  if (taken.step == FrameReader::Step::malformed) {
    lost = true;
    return in.size();
  }
  closed |= taken.step == FrameReader::Step::control && frames.opcode() == http::Opcode::close;
  return taken.consumed;
}

bool WebSocketTunnel::Direction::follow(std::string_view in) {
  bool closed = false;
  while (!in.empty()) {
    in.remove_prefix(follow_frame(in, closed));
  }
  return closed;
}

WebSocketTunnel::Passage WebSocketTunnel::from_app(std::string_view in) {
  if (drops_app_bytes()) {
    app_closed_ |= app_.follow(in);
    return {.size = in.size(), .relayed = false};
  }
  bool closed = false;
  std::size_t size = in.size();
  if (ending_) {
    size = app_.follow_frame(in, closed);
  } else {
    closed = app_.follow(in);
  }
  app_closed_ |= closed;
  client_told_ |= closed;
  return {.size = size, .relayed = true};
}

void WebSocketTunnel::from_client(std::string_view in) {
  client_closed_ |= client_.follow(in);
}

void WebSocketTunnel::app_ended(bool client_is_there) {
  vanished_ = client_is_there && is_followed() && !client_told_ && !client_closed_;
  app_closed_ = true;
}

bool WebSocketTunnel::is_close_due() const {
  return ending_ && !client_told_ && is_followed() && app_.frames.at_boundary();
}

bool WebSocketTunnel::give_up_on_client() {
  gave_up_ = true;
  return is_followed() && client_.frames.at_boundary() && !client_closed_;
}

bool WebSocketTunnel::is_over() const {
  return vanished_ || (client_told_ && (client_closed_ || gave_up_) && app_closed_);
}

}  // namespace lastcall::proxy
