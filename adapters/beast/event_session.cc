#include "event_session.h"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "base/time.h"
#include "lingering.h"
#include "socket_calls.h"
#include "sys/sys.h"

namespace lastcall::beast {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::uint32_t kLeastRetryMs = 500;
constexpr std::uint32_t kRetrySpreadMs = 2500;

std::string chunk(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string size;
  for (std::size_t rest = bytes.size(); rest > 0; rest /= 16) {
    size.insert(size.begin(), kDigits[rest % 16]);
  }
  return size.append("\r\n").append(bytes).append("\r\n");
}

/// So that not all clients come back at once.
std::uint32_t random_retry_ms() {
  std::uint32_t random = 0;
  sys::random_bytes(std::as_writable_bytes(std::span(&random, 1)));
  return kLeastRetryMs + random % kRetrySpreadMs;
}

/// Lines end as the client sees it (CR, LF or both): no data can pass for another field.
std::string format_event(std::string_view data, std::string_view event) {
  std::string text;
  if (!event.empty()) {
    text.append("event: ").append(event).append("\n");
  }
  for (std::size_t at = 0; at <= data.size();) {
    const std::size_t line_end = std::min(data.find_first_of("\r\n", at), data.size());
    text.append("data: ").append(data.substr(at, line_end - at)).append("\n");
    at = line_end + (data.substr(line_end).starts_with("\r\n") ? 2 : 1);
  }
  return text += "\n";
}

}  // namespace

EventSession::EventSession(ServerCore& core, const asio::any_io_executor& executor)
    : core_(core), strand_(executor), socket_(executor) {}

EventSession::~EventSession() {
  entry_.release();
  core_.session_over();
}

void EventSession::start(asio::ip::tcp::socket socket, const Answer::Seal& seal, Permit permit) {
  socket_ = std::move(socket);
  permit_ = std::move(permit);
  entry_ = core_.sessions.add(weak_from_this(), Pace::spread, "event stream");
  chunked_ = seal.version >= 11;
  output_ = chunked_ ? "HTTP/1.1" : "HTTP/1.0";
  output_ += " 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n";
  output_ += chunked_ ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n";
  write();
  read();
}

bool EventSession::send(std::string_view data, std::string_view event) {
  if (over_) {
    return false;
  }
  std::string text = format_event(data, event);
  if (queued_.fetch_add(text.size()) + text.size() > EventStream::kMaxQueued) {
    cut();
    return false;
  }
  asio::post(strand_, [self = shared_from_this(), text = std::move(text)]() mutable {
    if (!self->over_) {
      self->queue_.push_back(std::move(text));
      self->write();
    }
  });
  return true;
}

void EventSession::write() {
  if (writing_ || ended_ || !socket_.is_open() || !take_output()) {
    return;
  }
  writing_ = true;
  asio::async_write(socket_, asio::buffer(output_),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      self->writing_ = false;
                      self->output_.clear();
                      error ? self->cut() : self->write();
                    });
}

/// False: there is nothing to write now, or never again.
bool EventSession::take_output() {
  if (!output_.empty()) {
    return true;
  }
  if (!queue_.empty()) {
    output_ = chunked_ ? chunk(queue_.front()) : queue_.front();
    queued_ -= queue_.front().size();
    queue_.pop_front();
    return true;
  }
  if (over_ && !std::exchange(last_sent_, true) && chunked_) {
    output_ = "0\r\n\r\n";
    return true;
  }
  if (over_) {
    end();
  }
  return false;
}

/// Sees the client leave.
void EventSession::read() {
  socket_.async_read_some(asio::buffer(discarded_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (self->ended_) {
                              return;
                            }
                            error ? self->cut() : self->read();
                          });
}

void EventSession::begin_drain(const DrainTime&) {
  asio::post(strand_, [self = shared_from_this()] {
    if (!self->over_.exchange(true)) {
      self->queue_.push_back("retry: " + std::to_string(random_retry_ms()) + "\n\n");
      self->write();
    }
  });
}

void EventSession::cut() {
  asio::post(strand_, [self = shared_from_this()] {
    self->over_ = true;
    if (!std::exchange(self->ended_, true)) {
      close_quietly(self->socket_);
      self->permit_.release();
      self->entry_.release();
    }
  });
}

void EventSession::end() {
  ended_ = true;
  cancel_quietly(socket_);
  permit_.release();
  linger(std::move(socket_), core_.lingering, Sent::response);
  entry_.release();
}

bool EventStream::send(std::string_view data, std::string_view event) const {
  const auto session = session_.lock();
  return session && session->send(data, event);
}

bool EventStream::over() const {
  const auto session = session_.lock();
  return !session || session->over();
}

}  // namespace lastcall::beast
