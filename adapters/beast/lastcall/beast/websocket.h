// WebSocket and EventStream: the two kinds of connection that last as long as the server, as a handler sees
// them. Both are handles: cheap to copy, and harmless once the connection is over. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lastcall::beast {

class WebSocketSession;
class EventSession;

/// A WebSocket to a client. In a shutdown it gets Close 1001 by itself, at a random instant of the first
/// seconds; what the client sends after that is read and discarded until its own Close (contract LC206).
class WebSocket {
 public:
  /// Messages that wait for a slow client. Beyond it the client is cut off.
  static constexpr std::size_t kMaxQueued = 1U << 20U;

  explicit WebSocket(std::weak_ptr<WebSocketSession> session) : session_(std::move(session)) {}

  /// Sends a text message. False: the connection is over or closing.
  bool send(std::string text) const;

  /// Sends what is queued, then a Close frame (RFC 6455 §7.4), whose reply is awaited.
  void close(std::uint16_t code, std::string reason) const;

  [[nodiscard]] bool over() const;

 private:
  std::weak_ptr<WebSocketSession> session_;
};

/// What becomes of a WebSocket. Each function may be empty; they are called on the server's threads, for one
/// WebSocket never two at the same time, and must not block.
struct WebSocketHandler {
  std::string label{};  ///< names it in the report, if it is cut
  std::function<void(WebSocket)> on_open{};
  std::function<void(WebSocket, std::string message)> on_message{};
  std::function<void()> on_close{};
};

/// A response of Server-Sent Events. In a shutdown it ends between two events, with a `retry:` that differs
/// from client to client (contract LC207).
class EventStream {
 public:
  /// Events that wait for a slow client. Beyond it the client is cut off.
  static constexpr std::size_t kMaxQueued = 1U << 20U;

  explicit EventStream(std::weak_ptr<EventSession> session) : session_(std::move(session)) {}

  /// Sends one event; `data` may have several lines. False: the stream is over.
  bool send(std::string_view data, std::string_view event = {}) const;

  [[nodiscard]] bool over() const;

 private:
  std::weak_ptr<EventSession> session_;
};

}  // namespace lastcall::beast
