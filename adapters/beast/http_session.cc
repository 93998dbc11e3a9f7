#include "http_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_generator.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "base/time.h"
#include "event_session.h"
#include "lingering.h"
#include "socket_calls.h"
#include "websocket_session.h"

namespace lastcall::beast {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Pipelined requests behind the announcement are in flight, and the last of them carries the `close`; but not
// for ever, if the client keeps sending more.
constexpr int kMostPipelined = 32;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// TCP_USER_TIMEOUT: the kernel gives up on a client that takes none of our bytes for so long.
class StallTimeout {
 public:
  explicit StallTimeout(Duration duration)
      : milliseconds_(static_cast<unsigned>(duration / std::chrono::milliseconds(1))) {}

  template <class Protocol>
  [[nodiscard]] int level(const Protocol&) const {
    return IPPROTO_TCP;
  }

  template <class Protocol>
  [[nodiscard]] int name(const Protocol&) const {
    return TCP_USER_TIMEOUT;
  }

  template <class Protocol>
  [[nodiscard]] const unsigned* data(const Protocol&) const {
    return &milliseconds_;
  }

  template <class Protocol>
  [[nodiscard]] std::size_t size(const Protocol&) const {
    return sizeof milliseconds_;
  }

 private:
  unsigned milliseconds_;
};

/// What the report calls it: no query, which may hold a secret.
std::string label_of(const http::request_header<>& head) {
  const std::string_view target = head.target();
  return std::string(head.method_string()) + " " + std::string(target.substr(0, target.find('?')));
}

}  // namespace

HttpSession::HttpSession(ServerCore& core, tcp::socket socket)
    : core_(core),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      redials_(core.coordinator.announced()) {
  set_quietly(socket_, StallTimeout(core.options.idle_timeout));
}

HttpSession::~HttpSession() {
  entry_.release();
  core_.session_over();
}

void HttpSession::start() {
  // A drain may cut it before this returns: the entry, too, is set on the strand.
  asio::post(
      socket_.get_executor(),
      [self = shared_from_this(), entry = core_.sessions.add(weak_from_this(), Pace::together)]() mutable {
        self->entry_ = std::move(entry);
        self->await_request();
      });
}

// The shutdown.

void HttpSession::begin_drain(const DrainTime& time) {
  asio::post(timer_.get_executor(), [self = shared_from_this(), time] {
    self->drain_ = time;
    if (self->state_ == State::idle) {
      self->arm(time.idle_grace);
    } else if (self->state_ == State::head) {
      self->arm(self->head_allowance());
    }
  });
}

void HttpSession::cut() {
  asio::post(timer_.get_executor(), [self = shared_from_this()] {
    switch (self->state_) {
      case State::idle:
        return self->end_idle();
      case State::head:
        return self->give_up(http::status::service_unavailable, "shutting down");
      case State::body:
      case State::handling:
      case State::writing:
        self->core_.keep_as_cut(std::move(self->permit_));
        return self->reset();
      case State::over:
        return;
    }
  });
}

// A request comes in.

void HttpSession::await_request() {
  if (state_ == State::over) {
    return;
  }
  state_ = State::idle;
  if (buffer_.size() > 0) {
    read_head();
    return;
  }
  arm(drain_ ? drain_->idle_grace : core_.options.idle_timeout);
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    if (self->state_ == State::idle) {
      error ? self->close() : self->read_head();
    }
  });
}

void HttpSession::read_head() {
  state_ = State::head;
  seal_ = {};
  arm(head_allowance());
  parser_.emplace();
  parser_->header_limit(core_.options.header_limit);
  parser_->body_limit(core_.options.body_limit);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (self->state_ == State::head) {
                              error ? self->refuse_unreadable(error) : self->take_head();
                            }
                          });
}

void HttpSession::take_head() {
  const auto& head = parser_->get();
  seal_ = {
      .version = head.version(), .keep_alive = head.keep_alive(), .head = head.method() == http::verb::head};
  client_closes_ = !seal_.keep_alive;
  if (!core_.is_probe(head.target())) {
    if (std::exchange(redials_, false)) {
      core_.coordinator.redialled();
    }
    permit_ = core_.scope.try_enter(label_of(head));
    if (!permit_) {
      refuse(http::status::service_unavailable, "shutting down; nothing was done for this request");
      return;
    }
  }
  if (!http::token_list(head[http::field::expect]).exists("100-continue")) {
    read_body();
    return;
  }
  state_ = State::body;
  asio::async_write(socket_, asio::buffer(kContinue),
                    [self = shared_from_this()](error_code write_error, std::size_t) {
                      if (self->state_ == State::body) {
                        write_error ? self->close() : self->read_body();
                      }
                    });
}

void HttpSession::read_body() {
  state_ = State::body;
  arm(core_.options.body_timeout);
  http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
    if (self->state_ == State::body) {
      error ? self->refuse_unreadable(error) : self->dispatch();
    }
  });
}

void HttpSession::dispatch() {
  state_ = State::handling;
  live_while_handling();
  Request request = parser_->release();
  parser_.reset();
  Responder responder(weak_from_this(), timer_.get_executor(), std::move(permit_));
  if (core_.is_probe(request.target())) {
    core_.answer_probe(request.target(), std::move(responder));
    return;
  }
  const std::string where = label_of(request);
  call_user(core_, where, core_.handler, std::move(request), std::move(responder));
}

// The Responder does not own the connection, because it may outlive the server; a wait without end does.
void HttpSession::live_while_handling() {
  timer_.expires_at(asio::steady_timer::time_point::max());
  timer_.async_wait([self = shared_from_this()](error_code) {});
}

// A response goes out.

void HttpSession::answer(std::unique_ptr<Answer> answer, Permit permit) {
  asio::post(timer_.get_executor(),
             [self = shared_from_this(), answer = std::move(answer), permit = std::move(permit)]() mutable {
               if (self->state_ == State::handling) {
                 self->write(*answer, std::move(permit));
               }
             });
}

void HttpSession::write(Answer& answer, Permit permit) {
  state_ = State::writing;
  timer_.cancel();
  permit_ = std::move(permit);
  seal_.keep_alive = seal_.keep_alive && !says_farewell();
  std::optional<http::message_generator> response;
  try {
    response.emplace(answer.seal(seal_));
  } catch (const std::exception& exception) {  // Beast throws at what cannot be sent, like a 204 with a body
    core_.tell_exception("a response", &exception);
    refuse(http::status::internal_server_error, "the response could not be sent");
    return;
  }
  const bool keep_alive = response->keep_alive();
  boost::beast::async_write(socket_, std::move(*response),
                            [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                              self->on_written(error, keep_alive);
                            });
}

bool HttpSession::says_farewell() {
  if (!core_.coordinator.announced() && !drain_) {
    return false;
  }
  return buffer_.size() == 0 || ++answered_after_farewell_ > kMostPipelined;
}

void HttpSession::on_written(error_code error, bool keep_alive) {
  permit_.release();
  if (state_ != State::writing) {
    return;
  }
  if (error) {
    close();
  } else if (keep_alive) {
    await_request();
  } else {
    end(false);
  }
}

void HttpSession::refuse(http::status status, std::string_view why) {
  seal_.keep_alive = false;
  http::response<http::string_body> response(status, 11, std::string(why) + "\n");
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  if (status == http::status::service_unavailable) {
    response.set(http::field::retry_after, "1");
  }
  SealableAnswer answer(std::move(response));
  write(answer, std::move(permit_));
}

void HttpSession::refuse_unreadable(error_code error) {
  if (error == http::error::body_limit) {
    refuse(http::status::payload_too_large, "the body is too large");
  } else if (error == http::error::header_limit) {
    refuse(http::status::request_header_fields_too_large, "the head is too large");
  } else if (error.category() == make_error_code(http::error::bad_method).category() &&
             error != http::error::end_of_stream && error != http::error::partial_message) {
    refuse(http::status::bad_request, "this is no HTTP/1.1 request");
  } else {
    close();
  }
}

// Ends what is being read: its handler finds another state, and does nothing.
void HttpSession::give_up(http::status status, std::string_view why) {
  state_ = State::writing;
  cancel_quietly(socket_);
  refuse(status, why);
}

void HttpSession::stream(std::shared_ptr<EventSession> stream, Permit permit) {
  asio::post(timer_.get_executor(),
             [self = shared_from_this(), stream = std::move(stream), permit = std::move(permit)]() mutable {
               if (self->state_ == State::handling) {
                 self->state_ = State::over;
                 stream->start(std::move(self->socket_), self->seal_, std::move(permit));
                 self->entry_.release();
               }
             });
}

std::shared_ptr<EventSession> HttpSession::make_stream() {
  return std::make_shared<EventSession>(core_, timer_.get_executor());
}

void HttpSession::upgrade(Request request, WebSocketHandler handler) {
  asio::post(timer_.get_executor(), [self = shared_from_this(), request = std::move(request),
                                     handler = std::move(handler)]() mutable {
    if (self->state_ == State::handling) {
      self->state_ = State::over;
      open_websocket(self->core_, std::move(self->socket_), std::move(request), std::move(handler));
      self->entry_.release();
    }
  });
}

// The connection ends.

void HttpSession::end(bool was_idle) {
  error_code error;
  const bool nothing_follows = client_closes_ && buffer_.size() == 0 && socket_.available(error) == 0;
  if (nothing_follows || error) {
    close();
    return;
  }
  state_ = State::over;
  timer_.cancel();
  linger(std::move(socket_), core_.lingering, was_idle ? Sent::nothing : Sent::response);
  entry_.release();
}

// Unless a request has arrived meanwhile (RFC 9112 §9.5): then the wait for it is about to end.
void HttpSession::end_idle() {
  error_code error;
  if (socket_.available(error) > 0) {
    return;
  }
  state_ = State::over;
  cancel_quietly(socket_);
  end(true);
}

void HttpSession::close() {
  state_ = State::over;
  timer_.cancel();
  close_quietly(socket_);
  entry_.release();
}

void HttpSession::reset() {
  set_quietly(socket_, asio::socket_base::linger(true, 0));
  close();
}

// Timeouts.

void HttpSession::arm(Duration duration) {
  timer_.expires_after(duration);
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (self && !error && self->timer_.expiry() <= std::chrono::steady_clock::now()) {
      self->on_timer();
    }
  });
}

void HttpSession::on_timer() {
  switch (state_) {
    case State::idle:
      return end_idle();
    case State::head:
    case State::body:
      return give_up(http::status::request_timeout, "the request did not arrive in time");
    case State::handling:
    case State::writing:
    case State::over:
      return;
  }
}

Duration HttpSession::head_allowance() const {
  return drain_ ? std::min(core_.options.header_timeout, drain_->left) : core_.options.header_timeout;
}

}  // namespace lastcall::beast
