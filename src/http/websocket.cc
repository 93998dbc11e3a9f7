#include "http/websocket.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/close_code.h"

namespace lastcall::http {
namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kOpcode = 0x0f;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7f;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

bool is_known(std::uint8_t opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

std::uint64_t read_big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value << 8U | bytes[i];
  }
  return value;
}

char* write_big_endian(std::uint64_t value, std::size_t count, char* out) {
  for (std::size_t i = count; i-- > 0;) {
    *out++ = static_cast<char>(value >> (8 * i) & 0xffU);
  }
  return out;
}

unsigned close_code_of(std::string_view payload) {
  return static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8U |
         static_cast<unsigned char>(payload[1]);
}

}  // namespace

FrameReader::Taken FrameReader::take(std::string_view in) {
  std::size_t at = 0;
  while (at < in.size()) {
    const Taken taken = take_frame(in.substr(at));
    at += taken.consumed;
    if (taken.step == Step::control || taken.step == Step::malformed) {
      return {.step = taken.step, .consumed = at};
    }
  }
  return {.consumed = at};
}

FrameReader::Taken FrameReader::take_frame(std::string_view in) {
  std::size_t at = 0;
  while (at < in.size()) {
    if (left_ > 0) {
      at += take_payload(in.substr(at));
    } else {
      head_[head_size_++] = static_cast<std::uint8_t>(in[at++]);
      if (const char* const why = check_first_bytes(); *why != '\0') {
        return malformed(at, why);
      }
      if (head_size_ < 2 || head_size_ < head_bytes()) {
        continue;
      }
      if (const char* const why = begin_frame(); *why != '\0') {
        return malformed(at, why);
      }
    }
    if (left_ > 0) {
      continue;
    }
    if (!is_control()) {
      return {.step = Step::data, .consumed = at};
    }
    if (!end_frame()) {
      return malformed(at, "malformed Close frame");
    }
    return {.step = Step::control, .consumed = at};
  }
  return {.consumed = at};
}

FrameReader::Taken FrameReader::malformed(std::size_t consumed, const char* why) {
  why_ = why;
  return {.step = Step::malformed, .consumed = consumed};
}

/// What one or two bytes of a head say already; "" if nothing is wrong with them.
const char* FrameReader::check_first_bytes() const {
  const std::uint8_t opcode = head_[0] & kOpcode;
  if (!reserved_bits_ && (head_[0] & kReserved) != 0) {
    return "reserved bits without an extension";
  }
  if (!is_known(opcode)) {
    return "reserved opcode";
  }
  if (is_control()) {
    if ((head_[0] & kFin) == 0) {
      return "fragmented control frame";
    }
  } else if (closed_) {
    return "data after a Close frame";
  } else if ((opcode == 0) != in_message_) {
    return opcode == 0 ? "continuation of nothing" : "a new message within a fragmented one";
  }
  if (head_size_ < 2) {
    return "";
  }
  if (((head_[1] & kMasked) != 0) != masked_) {
    return masked_ ? "a client's frame without a mask" : "a server's frame with a mask";
  }
  return is_control() && (head_[1] & kLength) > kMaxControl ? "control frame too long" : "";
}

/// Of the whole head, once its first two bytes are known.
std::size_t FrameReader::head_bytes() const {
  const std::uint8_t length = head_[1] & kLength;
  const std::size_t extended = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  return 2 + extended + (masked_ ? FrameMask().size() : 0);
}

/// The head is complete; "" if nothing is wrong with it.
const char* FrameReader::begin_frame() {
  const std::uint8_t length = head_[1] & kLength;
  const std::size_t extended = head_bytes() - 2 - (masked_ ? FrameMask().size() : 0);
  left_ = extended == 0 ? length : read_big_endian(&head_[2], extended);
  // §5.2: the minimal number of bytes, and no more than 63 bits.
  const bool minimal = extended == 0 || (extended == 2 && left_ > kMaxControl) || left_ > 0xffff;
  if (!minimal || left_ >> 63U != 0) {
    return "malformed length";
  }
  opcode_ = static_cast<Opcode>(head_[0] & kOpcode);
  if (!is_control()) {
    in_message_ = (head_[0] & kFin) == 0;
  }
  payload_size_ = 0;
  head_size_ = 0;
  return "";
}

std::size_t FrameReader::take_payload(std::string_view in) {
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
  left_ -= taken;
  if (is_control()) {
    std::memcpy(payload_.data() + payload_size_, in.data(), taken);
    payload_size_ += taken;
  }
  return taken;
}

/// A control frame is complete. False: its content is not what it must be.
bool FrameReader::end_frame() {
  if (masked_) {
    for (std::size_t i = 0; i < payload_size_; ++i) {
      payload_[i] = static_cast<char>(payload_[i] ^ static_cast<char>(head_[2 + i % FrameMask().size()]));
    }
  }
  if (opcode_ != Opcode::close) {
    return true;
  }
  closed_ = true;
  return payload_size_ == 0 || (payload_size_ >= 2 && close_code_may_be_sent(close_code_of(payload())));
}

std::uint16_t FrameReader::close_code() const {
  return payload_size_ == 0 ? kCloseWithoutCode : static_cast<std::uint16_t>(close_code_of(payload()));
}

char* write_frame(Opcode opcode, std::string_view payload, const std::optional<FrameMask>& mask, char* out) {
  const std::uint8_t mask_bit = mask ? kMasked : 0;
  *out++ = static_cast<char>(kFin | static_cast<std::uint8_t>(opcode));
  if (payload.size() < kLength16) {
    *out++ = static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= 0xffff) {
    *out++ = static_cast<char>(mask_bit | kLength16);
    out = write_big_endian(payload.size(), 2, out);
  } else {
    *out++ = static_cast<char>(mask_bit | kLength64);
    out = write_big_endian(payload.size(), 8, out);
  }
  if (!mask) {
    return std::copy(payload.begin(), payload.end(), out);
  }
  out = std::copy(mask->begin(), mask->end(), out);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    *out++ = static_cast<char>(payload[i] ^ static_cast<char>((*mask)[i % mask->size()]));
  }
  return out;
}

char* write_close(std::uint16_t code, std::string_view reason, const std::optional<FrameMask>& mask,
                  char* out) {
  std::array<char, 125> payload{};
  LASTCALL_ASSERT(reason.size() + 2 <= payload.size());
  char* const text = write_big_endian(code, 2, payload.data());
  const char* const end = std::copy(reason.begin(), reason.end(), text);
  return write_frame(Opcode::close, {payload.data(), static_cast<std::size_t>(end - payload.data())}, mask,
                     out);
}

}  // namespace lastcall::http
