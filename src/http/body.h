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

  /// For length: bytes still to come.
  [[nodiscard]] std::uint64_t left() const { return left_; }

  /// For chunked: bytes of payload so far.
  [[nodiscard]] std::uint64_t payload_size() const { return payload_size_; }

  struct Decoded {
    std::size_t consumed = 0;    ///< bytes of `in` used up
    char* end = nullptr;         ///< end of what was written
    std::string_view payload{};  ///< of it, without framing
    bool refused = false;        ///< malformed: nothing more may be forwarded
  };

  /// For chunked: parses `in`, writes the payload to `out`. `reframe`: as chunks of our own, with the last
  /// chunk and the trailers at the end; else bare (for a client of HTTP/1.0). `out` has room for in.size() +
  /// kRoom bytes.
  [[nodiscard]] Decoded decode(std::string_view in, bool reframe, char* out);

  static constexpr std::size_t kRoom = 64 + 8192;  ///< one chunk head and the trailers
  static constexpr std::size_t kMaxTrailerBytes = 8192;

 private:
  enum class State : std::uint8_t {
    size,
    extension_gap,  ///< blanks before the next ";"
    extension_name_begin,
    extension_name,
    extension_name_gap,  ///< blanks before "=" or the next ";"
    extension_value_begin,
    extension_value,
    extension_quoted,
    extension_escape,
    extension_value_end,
    size_lf,
    payload,
    payload_cr,
    payload_lf,
    trailer,
    trailer_lf,
  };

  [[nodiscard]] bool advance(char c);
  [[nodiscard]] bool take_size(char c);
  [[nodiscard]] bool take_extension(char c);
  [[nodiscard]] bool take_extension_value(char c);
  [[nodiscard]] bool end_extension_part(char c);
  [[nodiscard]] bool take_trailer(char c);
  [[nodiscard]] bool end_trailer_line();
  [[nodiscard]] Decoded frame(char* out, std::size_t reserved, std::size_t payload) const;
  bool go(State state);

  static constexpr std::size_t kMaxExtensionBytes = 1024;
  static constexpr std::size_t kMaxSizeDigits = 15;
  static constexpr std::size_t kMaxTrailers = 64;

  Framing framing_ = Framing::none;
  State state_ = State::size;
  std::uint8_t digits_ = 0;    ///< of the chunk size being read
  std::uint8_t trailers_ = 0;  ///< trailer lines read
  std::uint16_t extension_bytes_ = 0;
  std::uint16_t trailer_bytes_ = 0;
  std::uint16_t line_begin_ = 0;  ///< of the trailer line being read, in trailer_
  std::uint64_t payload_size_ = 0;
  std::uint64_t left_ = 0;  ///< bytes of the body, or of the chunk, still to come
  std::string trailer_;     ///< the trailer lines to forward, and the one being read
};

/// Appends `payload` as one chunk; it is not empty.
void append_chunk(std::string& out, std::string_view payload);

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace lastcall::http
