// Body: follows a message body to its end. Length and until-close bodies are relayed as they are; chunked
// ones are parsed strictly and re-framed: no extension, bounded and filtered trailers, nothing verbatim that
// another parser may read otherwise (RFC 9112 §7.1). Sans-I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/head.h"

namespace lastcall::http {

class Body {
 public:
  /// Begins a body. `length` only for Framing::length.
  void begin(Framing framing, std::uint64_t length);

  [[nodiscard]] bool done() const { return framing_ == Framing::none; }

  [[nodiscard]] Framing framing() const { return framing_; }

  /// For length and until-close: how many bytes at the start of `in` belong to the body; they are consumed.
  [[nodiscard]] std::size_t take(std::string_view in);

  struct Decoded {
    std::size_t consumed = 0;  ///< bytes of `in` used up
    char* end = nullptr;       ///< end of what was written
    bool refused = false;      ///< malformed: nothing more may be forwarded
  };

  /// For chunked: parses `in`, writes the payload to `out`. `reframe`: as chunks of our own, with the last
  /// chunk and the trailers at the end; else bare (for a client of HTTP/1.0). `out` has room for in.size() +
  /// kRoom bytes.
  [[nodiscard]] Decoded decode(std::string_view in, bool reframe, char* out);

  static constexpr std::size_t kRoom = 64 + 8192;  ///< one chunk head and the trailers
  static constexpr std::size_t kMaxTrailerBytes = 8192;

 private:
  Framing framing_ = Framing::none;
  // (implementation; small: an idle connection holds none, an exchange holds two)
};

}  // namespace lastcall::http
