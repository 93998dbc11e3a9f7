// WebSocket frames (RFC 6455 §5): a strict reader that follows one direction of a connection from frame to
// frame, and a writer. Sans-I/O; messages are not put together, and text is not checked for UTF-8: whoever
// relays or counts frames needs neither.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lastcall::http {

/// RFC 6455 §5.2.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// A client masks every frame and a server none (§5.1).
enum class FrameSender : std::uint8_t { client, server };

/// Whether an extension was agreed on, which gives the reserved bits a meaning (§5.2, §9.1).
enum class Extensions : std::uint8_t { none, any };

using FrameMask = std::array<std::uint8_t, 4>;

/// Of a Close frame, RFC 6455 §7.4.1.
inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseWithoutCode =
    1005;  ///< stands for a Close frame without one; never sent

class FrameReader {
 public:
  explicit FrameReader(FrameSender sender, Extensions extensions = Extensions::none)
      : masked_(sender == FrameSender::client), reserved_bits_(extensions == Extensions::any) {}

  enum class Step : std::uint8_t {
    more,       ///< all was taken
    data,       ///< a data frame is complete; only of take_frame()
    control,    ///< a close, ping or pong is complete: opcode() and payload() describe it
    malformed,  ///< the connection must be failed (§7.1.7): why() says for what
  };

  struct Taken {
    Step step = Step::more;
    std::size_t consumed = 0;
  };

  /// Takes bytes up to the end of the next control frame, or all of them. Payloads of data frames are passed
  /// over.
  [[nodiscard]] Taken take(std::string_view in);

  /// Takes bytes up to the end of the present frame, of whatever kind, or all of them.
  [[nodiscard]] Taken take_frame(std::string_view in);

  /// No frame has begun that has not ended: a frame of one's own may follow here (§5.4).
  [[nodiscard]] bool at_boundary() const { return head_size_ == 0 && left_ == 0; }

  [[nodiscard]] Opcode opcode() const { return opcode_; }

  /// Of the control frame just taken, unmasked; valid until the next take().
  [[nodiscard]] std::string_view payload() const { return {payload_.data(), payload_size_}; }

  /// Of the Close frame just taken.
  [[nodiscard]] std::uint16_t close_code() const;

  [[nodiscard]] const char* why() const { return why_; }

 private:
  static constexpr std::size_t kMaxHead = 14;
  static constexpr std::size_t kMaxControl = 125;

  Taken malformed(std::size_t consumed, const char* why);
  [[nodiscard]] const char* check_first_bytes() const;
  [[nodiscard]] std::size_t head_bytes() const;
  [[nodiscard]] const char* begin_frame();
  [[nodiscard]] bool end_frame();
  [[nodiscard]] std::size_t take_payload(std::string_view in);

  [[nodiscard]] bool is_control() const { return (head_[0] & 0x08) != 0; }

  bool masked_;
  bool reserved_bits_;
  std::array<std::uint8_t, kMaxHead> head_{};
  std::size_t head_size_ = 0;  ///< bytes of a head not yet complete
  std::uint64_t left_ = 0;     ///< bytes of the payload still to come
  Opcode opcode_ = Opcode::continuation;
  bool in_message_ = false;  ///< between the fragments of one
  bool closed_ = false;      ///< a Close frame was taken
  std::array<char, kMaxControl> payload_{};
  std::size_t payload_size_ = 0;
  const char* why_ = "";
};

/// Beyond the payload; see write_frame().
inline constexpr std::size_t kFrameRoom = 14;

/// Writes a whole, unfragmented frame; a control frame takes at most 125 bytes of payload. `mask` for a
/// client's frame, none for a server's. `out` has room for kFrameRoom + payload.size() bytes. Returns the end
/// of what was written.
char* write_frame(Opcode opcode, std::string_view payload, const std::optional<FrameMask>& mask, char* out);

/// A Close frame with a code; `reason` has at most 123 bytes.
char* write_close(std::uint16_t code, std::string_view reason, const std::optional<FrameMask>& mask,
                  char* out);

}  // namespace lastcall::http
