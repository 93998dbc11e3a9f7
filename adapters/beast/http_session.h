// HttpSession: one client's HTTP/1.1 connection, from its accept until it is half-closed, upgraded or broken.
// One request at a time: read, handed to the handler, answered. Everything but the calls of Session runs on
// the strand of its socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include "server_core.h"

namespace lastcall::beast {

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(ServerCore& core, boost::asio::ip::tcp::socket socket);
  ~HttpSession() override;

  /// Registers it and begins to read. On the accept thread.
  void start();

  void begin_drain(const DrainTime& time) override;
  void cut() override;

  // For the Responder; any thread, once a request.

  void answer(std::unique_ptr<Answer> answer, Permit permit);
  void stream(std::shared_ptr<EventSession> stream, Permit permit);
  void upgrade(Request request, WebSocketHandler handler);

  [[nodiscard]] std::shared_ptr<EventSession> make_stream();

 private:
  enum class State : std::uint8_t {
    idle,      ///< not one byte of a request is here
    head,      ///< part of a head is
    body,      ///< the head is; its body is awaited
    handling,  ///< the handler has it
    writing,   ///< its response is on the way
    over,      ///< half-closed, handed on or closed
  };

  void await_request();
  void read_head();
  void take_head();
  void read_body();
  void dispatch();
  void live_while_handling();

  void write(Answer& answer, Permit permit);
  void on_written(boost::system::error_code error, bool keep_alive);
  [[nodiscard]] bool says_farewell();
  void refuse(http::status status, std::string_view why);
  void refuse_unreadable(boost::system::error_code error);
  void give_up(http::status status, std::string_view why);

  void end(bool was_idle);
  void end_idle();
  void close();
  void reset();

  void arm(Duration duration);
  void on_timer();
  [[nodiscard]] Duration head_allowance() const;

  ServerCore& core_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  SessionRegistry::Entry entry_;
  Permit permit_;  ///< of the request that is read or answered; the handler's Responder has it in between
  Answer::Seal seal_;
  std::optional<DrainTime> drain_;
  State state_ = State::idle;
  bool redials_;                ///< accepted after the announcement, and no request has come yet
  bool client_closes_ = false;  ///< the client has said that this request is its last
  int answered_after_farewell_ = 0;
};

}  // namespace lastcall::beast
