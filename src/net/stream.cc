#include "net/stream.h"

#include <cerrno>

namespace lastcall::net {

bool Stream::watch(Loop& loop, Handler& handler) {
  if (!watched_) {
    watched_ =
        loop.watch(fd_.get(), sys::kReadable | sys::kWritable | sys::kPeerClosed | sys::kEdge, handler) == 0;
  }
  return watched_;
}

void Stream::note(std::uint32_t events) {
  ended_ |= (events & (sys::kPeerClosed | sys::kHangup | sys::kError)) != 0;
  readable_ |= ended_ || (events & sys::kReadable) != 0;
}

ssize_t Stream::read(std::span<char> into) {
  const ssize_t got = sys::receive(fd_.get(), into);
  const bool drained = got == -EAGAIN || (got > 0 && static_cast<std::size_t>(got) < into.size() && !ended_);
  if (drained) {
    readable_ = false;
  }
  return got;
}

bool Stream::write(std::string_view head, std::string_view body, bool last) {
  if (!unsent_.empty()) {
    unsent_.append(head);
    unsent_.append(body);
    return true;
  }
  const ssize_t sent =
      body.empty() ? sys::send(fd_.get(), head, last) : sys::send_both(fd_.get(), head, body);
  if (sent < 0 && sent != -EAGAIN) {
    return false;
  }
  const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  sent_any_ |= taken > 0;
  unsent_.append(head.substr(std::min(taken, head.size())));
  unsent_.append(body.substr(taken - std::min(taken, head.size())));
  return true;
}

bool Stream::flush() {
  while (!unsent_.empty()) {
    const ssize_t sent = sys::send(fd_.get(), unsent_.view(), false);
    if (sent == -EAGAIN) {
      return true;
    }
    if (sent < 0) {
      return false;
    }
    sent_any_ = true;
    unsent_.consume(static_cast<std::size_t>(sent));
  }
  unsent_.release();
  return true;
}

}  // namespace lastcall::net
