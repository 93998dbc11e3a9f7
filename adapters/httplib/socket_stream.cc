#include "socket_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sys/sys.h"

namespace lastcall::httplib {

bool SocketStream::is_readable() const {
  return has_more() || sys::poll_one(fd_, sys::kReadable, -1, timeouts_.read) != 0;
}

bool SocketStream::is_writable() const {
  const std::uint32_t ready = sys::poll_one(fd_, sys::kWritable, -1, timeouts_.write);
  return (ready & sys::kWritable) != 0 && (ready & (sys::kError | sys::kHangup)) == 0;
}

ssize_t SocketStream::read(char* into, std::size_t size) {
  if (!has_more()) {
    const ssize_t got = receive();
    if (got <= 0) {
      return got;
    }
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  const std::size_t taken = std::min(size, end_ - begin_);
  std::memcpy(into, buffer_.data() + begin_, taken);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t SocketStream::receive() {
  const Time start = sys::now();
  const Time until = std::min(start + timeouts_.read, read_until_);
  for (Time now = start; now < until; now = sys::now()) {
    const ssize_t got = sys::receive(fd_, buffer_);
    if (got != -EAGAIN) {
      return std::max<ssize_t>(got, -1);
    }
    sys::poll_one(fd_, sys::kReadable, -1, until - now);
  }
  return -1;
}

ssize_t SocketStream::write(const char* from, std::size_t size) {
  const Time until = sys::now() + timeouts_.write;
  for (Time now = sys::now(); now < until; now = sys::now()) {
    const ssize_t sent = sys::send(fd_, {from, size}, false);
    if (sent != -EAGAIN) {
      return std::max<ssize_t>(sent, -1);
    }
    sys::poll_one(fd_, sys::kWritable, -1, until - now);
  }
  return -1;
}

void SocketStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  const sys::Address peer = sys::peer_address(fd_);
  ip = peer.host();
  port = peer.port;
}

void SocketStream::get_local_ip_and_port(std::string& ip, int& port) const {
  const sys::Address local = sys::local_address(fd_);
  ip = local.host();
  port = local.port;
}

}  // namespace lastcall::httplib
