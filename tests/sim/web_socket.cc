#include "sim/web_socket.h"

#include <utility>

namespace lastcall::sim {
namespace {

constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint16_t kNormal = 1000;
constexpr std::size_t kLongestShort = 125;
constexpr std::uint8_t kTwoByteLength = 126;
constexpr int kMostMessages = 100;  // more would test nothing further

}  // namespace

WebSocket::WebSocket(Kernel& kernel, std::shared_ptr<Endpoint> end, Role role, std::size_t number,
                     const WebSocketPlan& plan, WebSocketLog& log)
    : kernel_(kernel), end_(std::move(end)), role_(role), number_(number), plan_(plan), log_(log) {
  log_.other_end = end_->peer();
}

void WebSocket::start(Segment first) {
  end_->on_change([self = weak_from_this()] {
    if (const auto socket = self.lock()) {
      socket->go_on();
    }
  });
  after(plan_.talks, &WebSocket::talk);
  if (plan_.closes) {
    kernel_.timeline().after(*plan_.closes, [self = weak_from_this()] {
      if (const auto socket = self.lock()) {
        socket->say_close(kNormal);
      }
    });
  }
  hear(first);
  go_on();
}

void WebSocket::leave() {
  if (std::exchange(over_, true)) {
    return;
  }
  const bool first = !end_->at_end() && !end_->reset_arrived();
  log_.left = first ? std::optional(kernel_.now()) : std::nullopt;
  log_.midway = first && !second_half_.empty();
  end_->on_change([] {});
  end_->close();
}

void WebSocket::after(Duration delay, void (WebSocket::*what)()) {
  kernel_.timeline().after(delay, [self = weak_from_this(), what] {
    if (const auto socket = self.lock(); socket != nullptr && !socket->over_) {
      ((*socket).*what)();
    }
  });
}

// Hearing.

void WebSocket::go_on() {
  flush();
  while (const auto segment = over_ || reading_paused_ ? std::nullopt : end_->take_segment()) {
    hear(*segment);
    if (plan_.reads_every > Duration::zero()) {
      reading_paused_ = true;
      after(plan_.reads_every, &WebSocket::resume_reading);
    }
  }
  const bool reset = end_->reset_arrived();
  if (!over_ && (reset || end_->at_end())) {
    log_.was_reset = reset;
    log_.torn = !input_.empty();
    if (reset || !plan_.stays) {
      leave();
    }
  }
}

void WebSocket::resume_reading() {
  reading_paused_ = false;
  go_on();
}

void WebSocket::hear(const Segment& segment) {
  input_ += segment.bytes;
  log_.went_on |= !log_.closes.empty() && !segment.bytes.empty();
  while (const std::optional<Frame> frame = over_ || log_.wrong ? std::nullopt : take_frame()) {
    take(*frame, segment.sent);
  }
}

/// The next one that is whole (RFC 6455 §5.2). Nobody here fragments, and nobody says more than 64 KiB.
std::optional<WebSocket::Frame> WebSocket::take_frame() {
  const auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(input_[at]); };
  if (input_.size() < 2) {
    return std::nullopt;
  }
  const bool masked = (byte(1) & kMasked) != 0;
  const std::uint8_t length = byte(1) & 0x7fU;
  const std::uint8_t opcode = byte(0) & 0x0fU;
  if ((byte(0) & 0xf0U) != kFinal || masked != (role_ == Role::app) || length > kTwoByteLength ||
      (opcode != kText && opcode != kClose)) {
    log_.wrong = true;
    return std::nullopt;
  }
  const std::size_t mask_at = length == kTwoByteLength ? 4 : 2;
  const std::size_t begin = mask_at + (masked ? 4 : 0);
  if (input_.size() < begin) {
    return std::nullopt;
  }
  const std::size_t size = length == kTwoByteLength ? byte(2) * 256U + byte(3) : length;
  if (input_.size() < begin + size) {
    return std::nullopt;
  }
  Frame frame{.opcode = opcode, .payload = input_.substr(begin, size)};
  for (std::size_t i = 0; masked && i < size; ++i) {
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ input_[mask_at + i % 4]);
  }
  input_.erase(0, begin + size);
  return frame;
}

void WebSocket::take(const Frame& frame, Time sent) {
  log_.went_on |= !log_.closes.empty();
  if (frame.opcode == kText) {
    const Role other = role_ == Role::client ? Role::app : Role::client;
    log_.wrong |= frame.payload != message(other, log_.heard++);
    return;
  }
  const bool has_code = frame.payload.size() >= 2;
  const auto high = static_cast<std::uint8_t>(has_code ? frame.payload[0] : 0);
  const auto low = static_cast<std::uint8_t>(has_code ? frame.payload[1] : 0);
  log_.closes.push_back({.code = static_cast<std::uint16_t>(high * 256U + low), .sent = sent});
  kernel_.trace("tunnel {}: its {} hears Close {}", number_, role_ == Role::client ? "client" : "app",
                log_.closes.back().code);
  if (plan_.leaves) {
    leave();
  } else if (plan_.answers) {
    after(plan_.considers, &WebSocket::answer_close);
  }
  flush();
}

void WebSocket::answer_close() {
  say_close(log_.closes.front().code);
}

// Saying.

void WebSocket::talk() {
  if (log_.closed || close_due_ || !log_.closes.empty() || log_.said >= kMostMessages) {
    return;
  }
  const std::string whole = frame(kText, message(role_, log_.said++));
  const std::size_t half = kernel_.random().below(whole.size());
  second_half_ = whole.substr(half);
  say(whole.substr(0, half));
  after(plan_.pause, &WebSocket::say_message);
}

/// The rest of it.
void WebSocket::say_message() {
  say(std::exchange(second_half_, {}));
  if (close_due_) {
    say_close(*close_due_);
  }
  after(plan_.talks, &WebSocket::talk);
}

void WebSocket::say_close(std::uint16_t code) {
  if (over_ || log_.closed) {
    return;
  }
  close_due_ = code;
  if (!second_half_.empty()) {
    return;
  }
  log_.closed = true;
  kernel_.trace("tunnel {}: its {} says Close {}", number_, role_ == Role::client ? "client" : "app", code);
  const char payload[] = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
  say(frame(kClose, {payload, sizeof payload}));
  if (plan_.patience) {
    after(*plan_.patience, &WebSocket::lose_patience);
  }
}

void WebSocket::lose_patience() {
  if (log_.closes.empty()) {
    log_.gave_up = true;
    leave();
  }
}

void WebSocket::say(std::string bytes) {
  output_ += bytes;
  flush();
}

/// Once both have said Close the app ends the connection, as servers do (RFC 6455 §7.1.1).
void WebSocket::flush() {
  while (!over_ && !output_.empty()) {
    const ssize_t sent = end_->send(output_);
    if (sent <= 0) {
      return;
    }
    output_.erase(0, static_cast<std::size_t>(sent));
  }
  const int whole = log_.said - (second_half_.empty() ? 0 : 1);
  log_.there.resize(static_cast<std::size_t>(whole), end_->last_arrival());
  if (role_ == Role::app && log_.closed && !log_.closes.empty()) {
    leave();
  }
}

std::string WebSocket::frame(std::uint8_t opcode, std::string_view payload) {
  const bool masked = role_ == Role::client;
  const bool is_short = payload.size() <= kLongestShort;
  const auto mask_bit = static_cast<std::uint8_t>(masked ? kMasked : 0);
  std::string bytes{static_cast<char>(kFinal | opcode),
                    static_cast<char>(mask_bit | (is_short ? payload.size() : kTwoByteLength))};
  if (!is_short) {
    bytes += static_cast<char>(payload.size() >> 8U);
    bytes += static_cast<char>(payload.size() & 0xffU);
  }
  const std::size_t mask_at = bytes.size();
  for (int i = 0; masked && i < 4; ++i) {
    bytes += static_cast<char>(kernel_.random().below(256));
  }
  for (std::size_t i = 0; i < payload.size(); ++i) {
    bytes += static_cast<char>(payload[i] ^ (masked ? bytes[mask_at + i % 4] : 0));
  }
  return bytes;
}

std::string WebSocket::message(Role of, int index) const {
  std::string text = fmt::format("{} {} {} ", of == Role::client ? "client" : "app", number_, index);
  text.resize(std::max(text.size(), plan_.size), '.');
  return text;
}

}  // namespace lastcall::sim
