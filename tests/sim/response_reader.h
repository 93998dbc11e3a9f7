// ResponseReader: reads one HTTP/1.1 response as a strict client does, independent of the product's own
// codec. What it cannot read is malformed, and so is all that follows.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace lastcall::sim {

class ResponseReader {
 public:
  enum class State { head, body, complete, malformed };

  /// Takes bytes that were sent at `sent`; returns how many of them belong to this response.
  std::size_t take(std::string_view bytes, Time sent);

  /// The connection has ended: complete if that was how the body was to end.
  void ended();

  [[nodiscard]] State state() const { return state_; }

  [[nodiscard]] int status() const { return status_; }

  [[nodiscard]] bool closes() const { return closes_; }

  [[nodiscard]] bool retry_after() const { return retry_after_; }

  [[nodiscard]] const std::string& body() const { return body_; }

  [[nodiscard]] bool started() const { return !input_.empty() || state_ != State::head; }

  /// When its head's last byte was sent.
  [[nodiscard]] Time head_sent() const { return head_sent_; }

 private:
  enum class Framing { length, chunked, until_close };

  void read_head();
  void read_chunks();

  State state_ = State::head;
  Framing framing_ = Framing::length;
  std::string input_;  ///< of the head, or of a chunk
  std::string body_;
  std::size_t length_ = 0;
  int status_ = 0;
  bool closes_ = false;
  bool retry_after_ = false;
  Time head_sent_{};
};

}  // namespace lastcall::sim
