// WebSocketClient: a client that opens a WebSocket (RFC 6455), says a little now and then, answers pings, and
// stays until the server closes. Its one attempt is the connection's whole life. Strict about the server's
// frames. One thread.
#pragma once

#include <string>

#include "check/client.h"
#include "check/response_reader.h"
#include "http/websocket.h"

namespace lastcall::check {

class WebSocketClient final : public Client {
 public:
  explicit WebSocketClient(const Setting& setting);

  void wake(Time now) override;
  void leave() override;

 private:
  void connected(Time now) override;
  void ready() override;
  void digest(std::string_view bytes) override;
  void connection_ended(int error) override;

  [[nodiscard]] std::string_view digest_handshake(std::string_view bytes);
  void handshake_read(std::string_view fields);
  void control_read();
  void send_frame(http::Opcode opcode, std::string_view payload);
  void flush();

  static constexpr std::size_t kMaxUnsent = 64 * 1024;  ///< then a server that does not read gets no more

  ResponseReader reader_;
  http::FrameReader frames_;
  std::string unsent_;
  bool said_text_ = false;  ///< last time; text and pings take turns
};

}  // namespace lastcall::check
