#include "check/connection.h"

#include <cerrno>

namespace lastcall::check {

int Connection::dial(const sys::Address& target, net::Loop& loop, net::Handler& handler) {
  sys::UniqueFd fd(sys::connect_to(target));
  if (!fd) {
    return fd.get();
  }
  const int failed =
      loop.watch(fd.get(), sys::kReadable | sys::kWritable | sys::kPeerClosed | sys::kEdge, handler);
  if (failed != 0) {
    return failed;
  }
  fd_ = std::move(fd);
  readable_ = ended_ = false;
  return 0;
}

void Connection::note(std::uint32_t events) {
  ended_ |= (events & (sys::kPeerClosed | sys::kHangup | sys::kError)) != 0;
  readable_ |= ended_ || (events & sys::kReadable) != 0;
}

// Without an error among its events it stands, and the kernel need not be asked.
int Connection::finish_dial() {
  return ended_ ? sys::socket_error(fd_.get()) : 0;
}

ssize_t Connection::receive(std::span<char> into) {
  return readable_ ? receive_now(into) : -EAGAIN;
}

ssize_t Connection::receive_now(std::span<char> into) {
  const ssize_t got = sys::receive(fd_.get(), into);
  const bool drained = got == -EAGAIN || (got > 0 && static_cast<std::size_t>(got) < into.size() && !ended_);
  if (drained) {
    readable_ = false;
  }
  return got;
}

}  // namespace lastcall::check
