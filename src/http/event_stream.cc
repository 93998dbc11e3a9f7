#include "http/event_stream.h"

#include <algorithm>
#include <utility>

#include "http/scan.h"

namespace lastcall::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is(c, kDigit); });
}

}  // namespace

void EventStream::take(std::string_view in) {
  while (!in.empty()) {
    in.remove_prefix(take_line(in));
  }
}

std::size_t EventStream::take_to_boundary(std::string_view in) {
  std::size_t taken = 0;
  while (taken < in.size() && !at_boundary()) {
    taken += take_line(in.substr(taken));
  }
  return taken;
}

/// Up to the end of the line, or all; returns how many.
std::size_t EventStream::take_line(std::string_view in) {
  if (std::exchange(after_cr_, false) && in.front() == '\n') {
    return 1;
  }
  const std::size_t end = std::min(in.find_first_of("\r\n"), in.size());
  add_to_line(in.substr(0, end));
  if (end == in.size()) {
    return end;
  }
  after_cr_ = in[end] == '\r';
  end_line();
  return end + 1;
}

void EventStream::add_to_line(std::string_view bytes) {
  if (line_size_ < kKept) {
    const std::string_view kept = bytes.substr(0, kKept - line_size_);
    std::copy(kept.begin(), kept.end(), line_.begin() + static_cast<std::ptrdiff_t>(line_size_));
  }
  line_size_ += bytes.size();
}

std::string_view EventStream::line() const {
  std::string_view text(line_.data(), std::min(line_size_, kKept));
  if (first_line_ && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  return text;
}

void EventStream::end_line() {
  const bool whole = line_size_ <= kKept;
  const std::string_view text = line();
  line_size_ = 0;
  first_line_ = false;
  if (text.empty()) {
    in_event_ = false;
    return;
  }
  if (text.front() == ':') {
    return;
  }
  constexpr std::string_view kRetry = "retry:";
  if (!text.starts_with(kRetry)) {
    in_event_ = true;
    return;
  }
  std::string_view value = text.substr(kRetry.size());
  value.remove_prefix(value.starts_with(' ') ? 1 : 0);
  retry_seen_ |= whole && is_number(value);
}

}  // namespace lastcall::http
