// WebSocketSession: one WebSocket, from its upgrade to the end of its closing handshake. Sends what is queued
// in order, hands on what comes in, and in a shutdown sends Close 1001 (LC206). On the strand of its socket,
// but for send(), close() and the calls of Session.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server_core.h"

namespace lastcall::beast {

class WebSocketSession final : public Session, public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(ServerCore& core, boost::asio::ip::tcp::socket socket, WebSocketHandler handler);
  ~WebSocketSession() override;

  /// Registers it, answers the upgrade and begins to read.
  void start(Request request);

  void begin_drain(const DrainTime& time) override;
  void cut() override;

  // Any thread.

  bool send(std::string text);
  void close(std::uint16_t code, std::string reason);

  [[nodiscard]] bool over() const { return over_; }

 private:
  void opened(boost::system::error_code error);
  void read();
  void on_read(boost::system::error_code error);
  void enqueue(std::string text);
  void write();
  void begin_close(std::uint16_t code, std::string reason, Duration wait);
  void send_close();
  void end();

  ServerCore& core_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> stream_;
  boost::asio::steady_timer close_timer_;
  const WebSocketHandler handler_;
  SessionRegistry::Entry entry_;
  boost::beast::flat_buffer input_;
  std::deque<std::string> queue_;
  std::atomic<std::size_t> queued_ = 0;  ///< bytes
  std::atomic<bool> over_ = false;       ///< closing, too
  boost::beast::websocket::close_reason reason_;
  bool opened_ = false;
  bool closing_ = false;
  bool writing_ = false;
  bool ended_ = false;
};

void open_websocket(ServerCore& core, boost::asio::ip::tcp::socket socket, Request request,
                    WebSocketHandler handler);

}  // namespace lastcall::beast
