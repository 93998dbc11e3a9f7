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
    if (std::exchange(after_cr_, false) && in.front() == '\n') {
      in.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(in.find_first_of("\r\n"), in.size());
    add_to_line(in.substr(0, end));
    in.remove_prefix(end);
    if (in.empty()) {
      return;
    }
    after_cr_ = in.front() == '\r';
    in.remove_prefix(1);
    end_line();
  }
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
