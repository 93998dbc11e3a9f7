#include "check/websocket_client.h"

#include <cerrno>

#include "http/fields.h"
#include "http/scan.h"

namespace lastcall::check {

using http::FrameReader;
using http::Opcode;
using judge::Outcome;

WebSocketClient::WebSocketClient(const Setting& setting)
    : Client(setting), frames_(http::FrameSender::server) {}

void WebSocketClient::connected(Time now) {
  reader_.begin();
  frames_ = FrameReader(http::FrameSender::server);
  unsent_.clear();
  script_.begin(now, {});
  ready();
}

void WebSocketClient::ready() {
  send_requests();
  flush();
  while (busy() && receive_once()) {
  }
}

void WebSocketClient::digest(std::string_view bytes) {
  seen_.received += bytes.size();
  note_answer();
  if (stage_ == Stage::exchanging) {
    bytes = digest_handshake(bytes);
  }
  while (resting() && !bytes.empty()) {
    const FrameReader::Taken taken = frames_.take(bytes);
    bytes.remove_prefix(taken.consumed);
    if (taken.step == FrameReader::Step::malformed) {
      end(Outcome::wrong);
    } else if (taken.step == FrameReader::Step::control) {
      control_read();
    }
  }
}

/// Returns what follows it.
std::string_view WebSocketClient::digest_handshake(std::string_view bytes) {
  for (;;) {
    const ResponseReader::Taken taken = reader_.take(bytes, decoded());
    bytes.remove_prefix(taken.consumed);
    switch (taken.step) {
      case ResponseReader::Step::interim:
        break;
      case ResponseReader::Step::head:
        handshake_read(taken.fields);
        return bytes;
      case ResponseReader::Step::malformed:
        end(Outcome::wrong);
        return {};
      default:
        return bytes;
    }
  }
}

void WebSocketClient::handshake_read(std::string_view fields) {
  seen_.status = static_cast<std::int16_t>(reader_.status());
  seen_.retry_after = reader_.retry_after();
  const auto accept = http::find_field(fields, "sec-websocket-accept");
  const auto upgrade = http::find_field(fields, "upgrade");
  const bool agreed = reader_.status() == 101 && accept == kWebSocketAccept && upgrade &&
                      http::equals_lower(*upgrade, "websocket");
  if (!agreed) {
    end(reader_.status() >= 500 ? Outcome::server_error : Outcome::wrong);
    return;
  }
  rest();
  wake_me(sys::now() + draw(plan().chatter));
}

void WebSocketClient::control_read() {
  if (frames_.opcode() == Opcode::ping) {
    send_frame(Opcode::pong, frames_.payload());
  }
  if (frames_.opcode() == Opcode::close && seen_.close_code == 0) {
    seen_.close_code = frames_.close_code();
    wake_me(Time::max());
    send_frame(Opcode::close, frames_.payload().substr(0, 2));
    setting().timeouts.start(*this, sys::now());
  }
}

// The server's Close and the end after it are what counts, whatever became of the answer.
void WebSocketClient::connection_ended(int error) {
  const bool closed = seen_.close_code != 0 && frames_.at_boundary();
  if (closed && error == 0) {
    seen_.error = 0;
    end(Outcome::ok);
    return;
  }
  seen_.error = error != 0 ? error : seen_.error;
  const bool within = !resting() ? seen_.answered != Time::max() : !frames_.at_boundary();
  if (within) {
    end(Outcome::truncated);
  } else {
    end(error != 0 ? Outcome::reset : Outcome::eof);
  }
}

void WebSocketClient::wake(Time now) {
  if (!resting()) {
    return;
  }
  said_text_ = !said_text_;
  if (said_text_) {
    send_frame(Opcode::text, "\"lastcall check\"");
  } else {
    send_frame(Opcode::ping, "lastcall check");
  }
  wake_me(now + draw(plan().chatter));
}

void WebSocketClient::leave() {
  if (resting()) {
    send_frame(Opcode::close, "\x03\xe8");  // 1000
  }
  Client::leave();
}

void WebSocketClient::send_frame(Opcode opcode, std::string_view payload) {
  if (unsent_.size() > kMaxUnsent) {
    return;
  }
  const std::uint64_t random = setting().random();
  http::FrameMask mask;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask[i] = static_cast<std::uint8_t>(random >> (8 * i) & 0xffU);
  }
  char frame[http::kFrameRoom + 125];
  unsent_.append(frame, http::write_frame(opcode, payload, mask, frame));
  flush();
}

void WebSocketClient::flush() {
  while (!unsent_.empty()) {
    const ssize_t sent = connection_.send(unsent_);
    if (sent == -EAGAIN) {
      return;
    }
    if (sent < 0) {
      seen_.error = static_cast<int>(-sent);
      unsent_.clear();
      return;
    }
    seen_.sent += static_cast<std::uint64_t>(sent);
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
}

}  // namespace lastcall::check
