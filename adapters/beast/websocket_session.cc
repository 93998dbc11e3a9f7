#include "websocket_session.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "base/time.h"
#include "socket_calls.h"

namespace lastcall::beast {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

}  // namespace

WebSocketSession::WebSocketSession(ServerCore& core, asio::ip::tcp::socket socket, WebSocketHandler handler)
    : core_(core),
      stream_(std::move(socket)),
      close_timer_(stream_.get_executor()),
      handler_(std::move(handler)) {
  websocket::stream_base::timeout timeouts{.handshake_timeout = core.options.websocket_close_wait,
                                           .idle_timeout = core.options.idle_timeout,
                                           .keep_alive_pings = true};
  stream_.set_option(timeouts);
  stream_.read_message_max(core.options.body_limit);
}

WebSocketSession::~WebSocketSession() {
  entry_.release();
  core_.session_over();
}

void WebSocketSession::start(Request request) {
  std::string label = handler_.label.empty() ? "websocket" : handler_.label;
  entry_ = core_.sessions.add(weak_from_this(), Pace::spread, std::move(label));
  const auto owned = std::make_shared<Request>(std::move(request));
  stream_.async_accept(*owned, [self = shared_from_this(), owned](error_code error) { self->opened(error); });
}

void WebSocketSession::opened(error_code error) {
  opened_ = true;
  if (error) {
    end();
    return;
  }
  call_user(core_, handler_.label, handler_.on_open, WebSocket(weak_from_this()));
  if (closing_) {
    send_close();
  } else {
    write();
  }
  read();
}

void WebSocketSession::read() {
  stream_.async_read(input_,
                     [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void WebSocketSession::on_read(error_code error) {
  if (error) {
    // While we close, Beast ends the read; the close itself is still to be waited for.
    if (!closing_) {
      end();
    }
    return;
  }
  std::string message = boost::beast::buffers_to_string(input_.data());
  input_.consume(input_.size());
  call_user(core_, handler_.label, handler_.on_message, WebSocket(weak_from_this()), std::move(message));
  read();
}

// Output.

bool WebSocketSession::send(std::string text) {
  if (over_) {
    return false;
  }
  if (queued_.fetch_add(text.size()) + text.size() > WebSocket::kMaxQueued) {
    cut();
    return false;
  }
  asio::post(close_timer_.get_executor(), [self = shared_from_this(), text = std::move(text)]() mutable {
    if (!self->closing_) {
      self->enqueue(std::move(text));
    }
  });
  return true;
}

void WebSocketSession::enqueue(std::string text) {
  queue_.push_back(std::move(text));
  write();
}

void WebSocketSession::write() {
  if (writing_ || !opened_ || ended_) {
    return;
  }
  if (queue_.empty()) {
    if (closing_) {
      send_close();
    }
    return;
  }
  writing_ = true;
  stream_.text(true);
  stream_.async_write(asio::buffer(queue_.front()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        self->writing_ = false;
                        self->queued_ -= self->queue_.front().size();
                        self->queue_.pop_front();
                        error ? self->end() : self->write();
                      });
}

// The end.

void WebSocketSession::begin_drain(const DrainTime& time) {
  asio::post(close_timer_.get_executor(), [self = shared_from_this(), time] {
    const std::string& notice = self->core_.options.websocket_notice;
    if (!notice.empty() && !self->closing_) {
      self->queued_ += notice.size();
      self->enqueue(notice);
    }
    self->begin_close(websocket::close_code::going_away, "server shutting down",
                      std::min(self->core_.options.websocket_close_wait, time.left));
  });
}

void WebSocketSession::close(std::uint16_t code, std::string reason) {
  asio::post(close_timer_.get_executor(),
             [self = shared_from_this(), code, reason = std::move(reason)]() mutable {
               self->begin_close(code, std::move(reason), self->core_.options.websocket_close_wait);
             });
}

// For queue, Close, its reply and the client's end of the connection together; then it is closed.
void WebSocketSession::begin_close(std::uint16_t code, std::string reason, Duration wait) {
  if (std::exchange(closing_, true) || ended_) {
    return;
  }
  over_ = true;
  reason_ = websocket::close_reason(code);
  reason.resize(std::min(reason.size(), websocket::reason_string::static_capacity));
  reason_.reason = reason.c_str();
  close_timer_.expires_after(wait);
  close_timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (self && !error) {
      self->end();
    }
  });
  write();
}

void WebSocketSession::send_close() {
  stream_.async_close(reason_, [self = shared_from_this()](error_code) { self->end(); });
}

void WebSocketSession::cut() {
  asio::post(close_timer_.get_executor(), [self = shared_from_this()] { self->end(); });
}

void WebSocketSession::end() {
  if (std::exchange(ended_, true)) {
    return;
  }
  over_ = true;
  close_timer_.cancel();
  close_quietly(stream_.next_layer());
  entry_.release();
  call_user(core_, handler_.label, handler_.on_close);
}

void open_websocket(ServerCore& core, asio::ip::tcp::socket socket, Request request,
                    WebSocketHandler handler) {
  std::make_shared<WebSocketSession>(core, std::move(socket), std::move(handler))->start(std::move(request));
}

bool WebSocket::send(std::string text) const {
  const auto session = session_.lock();
  return session && session->send(std::move(text));
}

void WebSocket::close(std::uint16_t code, std::string reason) const {
  if (const auto session = session_.lock()) {
    session->close(code, std::move(reason));
  }
}

bool WebSocket::over() const {
  const auto session = session_.lock();
  return !session || session->over();
}

}  // namespace lastcall::beast
