#include "sim/response_reader.h"

#include <charconv>
#include <optional>

namespace lastcall::sim {
namespace {

std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(name);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t begin = at + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

template <int Base>
std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, Base);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

}  // namespace

// Byte by byte, so that not one too many is taken where the next response follows.
std::size_t ResponseReader::take(std::string_view bytes, Time sent) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::complete && state_ != State::malformed) {
    if (state_ == State::body && framing_ != Framing::chunked) {
      const std::size_t wanted = framing_ == Framing::length ? length_ - body_.size() : bytes.size();
      const std::string_view more = bytes.substr(used, wanted);
      body_ += more;
      used += more.size();
      state_ = framing_ == Framing::length && body_.size() == length_ ? State::complete : state_;
      continue;
    }
    input_ += bytes[used++];
    if (state_ == State::body) {
      read_chunks();
    } else if (input_.ends_with("\r\n\r\n")) {
      head_sent_ = sent;
      read_head();
    }
  }
  return used;
}

void ResponseReader::read_head() {
  const std::string head = std::move(input_);
  input_.clear();
  status_ = static_cast<int>(number<10>(std::string_view(head).substr(9, 3)).value_or(0));
  if (!head.starts_with("HTTP/1.1 ") || status_ < 200 || status_ > 599) {
    state_ = State::malformed;
    return;
  }
  closes_ = head.find("\r\nConnection: close\r\n") != std::string::npos;
  retry_after_ = head.find("\r\nRetry-After: ") != std::string::npos;
  const auto length = field(head, "\r\nContent-Length: ");
  if (length) {
    length_ = number<10>(*length).value_or(0);
  } else {
    const bool chunked = field(head, "\r\nTransfer-Encoding: ") == "chunked";
    framing_ = chunked ? Framing::chunked : Framing::until_close;
  }
  state_ = length && length_ == 0 ? State::complete : State::body;
}

// input_ holds one chunk from its size line on.
void ResponseReader::read_chunks() {
  const std::size_t line_end = input_.find("\r\n");
  if (line_end == std::string::npos) {
    return;
  }
  const auto size = number<16>(std::string_view(input_).substr(0, line_end));
  if (!size) {
    state_ = State::malformed;
    return;
  }
  if (input_.size() < line_end + 2 + *size + 2) {
    return;
  }
  body_.append(input_, line_end + 2, *size);
  const bool framed = input_.ends_with("\r\n");
  input_.clear();
  state_ = !framed ? State::malformed : *size == 0 ? State::complete : state_;
}

void ResponseReader::ended() {
  if (state_ == State::body && framing_ == Framing::until_close) {
    state_ = State::complete;
  }
}

}  // namespace lastcall::sim
