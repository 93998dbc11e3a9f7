// EventSession: one response of Server-Sent Events, from its head to its last event. It ends only between two
// events: by itself when the client is gone, or in a shutdown with a `retry:` of the client's own (LC207). On
// the strand of its socket, but for send() and the calls of Session.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "server_core.h"

namespace lastcall::beast {

class EventSession final : public Session, public std::enable_shared_from_this<EventSession> {
 public:
  EventSession(ServerCore& core, const boost::asio::any_io_executor& executor);
  ~EventSession() override;

  /// Registers it and answers with the head; `permit` is the request's.
  void start(boost::asio::ip::tcp::socket socket, const Answer::Seal& seal, Permit permit);

  void begin_drain(const DrainTime& time) override;
  void cut() override;

  /// Any thread; before start(), too.
  bool send(std::string_view data, std::string_view event);

  [[nodiscard]] bool over() const { return over_; }

 private:
  void write();
  [[nodiscard]] bool take_output();
  void read();
  void end();

  ServerCore& core_;
  const boost::asio::any_io_executor strand_;
  boost::asio::ip::tcp::socket socket_;
  SessionRegistry::Entry entry_;
  Permit permit_;
  std::deque<std::string> queue_;
  std::string output_;                   ///< what is being written
  std::atomic<std::size_t> queued_ = 0;  ///< bytes
  std::atomic<bool> over_ = false;       ///< no further event is taken
  std::array<char, 512> discarded_{};
  bool chunked_ = true;
  bool writing_ = false;
  bool last_sent_ = false;
  bool ended_ = false;
};

}  // namespace lastcall::beast
