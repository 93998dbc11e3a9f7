// ResponseReader: reads responses one after the other: interim ones, the head, the body by its framing.
// Strict: what two clients could read in two ways is malformed. Sans-I/O; not a judge of what it read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/body.h"
#include "http/head.h"

namespace lastcall::check {

class ResponseReader {
 public:
  enum class Step : std::uint8_t {
    more,       ///< all was taken, and it is not the end
    interim,    ///< a 1xx was passed over; what is left belongs to the response
    head,       ///< the head is complete: what is left is its body
    complete,   ///< the response is complete; what is left is not its own
    malformed,  ///< nothing can be said of what follows
  };

  struct Taken {
    Step step = Step::more;
    std::size_t consumed = 0;
    std::string_view payload{};  ///< of the body, decoded; valid until the next take()
    std::string_view
        fields{};  ///< head: its field lines, the empty line included; valid until the next take()
  };

  /// A response follows.
  void begin();

  /// Takes what it can of `in`; call it again with the rest after interim and head. `decoded` has room for
  /// in.size() + http::Body::kRoom bytes.
  [[nodiscard]] Taken take(std::string_view in, std::span<char> decoded);

  /// The connection ended in good order: whether that completes the response.
  [[nodiscard]] bool ended_by_close() const;

  /// 0 until the head is complete. 101 has no body, whatever it says.
  [[nodiscard]] int status() const { return status_; }

  [[nodiscard]] bool head_complete() const { return status_ != 0; }

  /// The server offers to take another request on this connection.
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }

  [[nodiscard]] bool retry_after() const { return retry_after_; }

  [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  Taken take_head(std::string_view in);
  Taken take_body(std::string_view in, std::span<char> decoded);

  std::string head_;  ///< bytes of a head not yet complete
  int status_ = 0;
  bool keep_alive_ = false;
  bool retry_after_ = false;
  http::Body body_;
  http::Framing framing_ = http::Framing::none;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace lastcall::check
