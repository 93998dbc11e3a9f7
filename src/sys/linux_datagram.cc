#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "sys/linux_socket_address.h"
#include "sys/sys.h"

namespace lastcall::sys {
namespace {

constexpr std::size_t kMaxDatagram =
    4096;  // of what services tell their manager: far more than any of them says

int new_socket() {
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

/// Descriptors sent along find no room and are closed by the kernel: nobody can fill our table, and whoever
/// waits for ours to be closed (sd_notify_barrier) is let go.
struct Credentials {
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(ucred))] = {};

  [[nodiscard]] ucred read(msghdr& message) const {
    ucred sender{.pid = 0, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
    const cmsghdr* const first = CMSG_FIRSTHDR(&message);
    if (first != nullptr && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_CREDENTIALS) {
      std::memcpy(&sender, CMSG_DATA(first), sizeof sender);
    }
    return sender;
  }
};

}  // namespace

int send_datagram(const Address& to, std::string_view bytes) {
  const UniqueFd fd(new_socket());
  if (!fd) {
    return fd.get();
  }
  SocketAddress target = to_kernel(to);
  const ssize_t sent =
      ::sendto(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL, target.get(), target.length);
  return sent < 0 ? -errno : 0;
}

int open_datagrams() {
  UniqueFd fd(new_socket());
  if (!fd) {
    return fd.get();
  }
  const int on = 1;
  const sockaddr_un unnamed{.sun_family = AF_UNIX, .sun_path = {}};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&unnamed), sizeof unnamed.sun_family) < 0) {
    return -errno;
  }
  return fd.release();
}

std::optional<Datagram> next_datagram(int fd) {
  char bytes[kMaxDatagram];
  Credentials credentials;
  iovec part{.iov_base = bytes, .iov_len = sizeof bytes};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = credentials.space;
  message.msg_controllen = sizeof credentials.space;
  ssize_t got = 0;
  do {
    got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return std::nullopt;
  }
  const ucred sender = credentials.read(message);
  return Datagram{.bytes = std::string(bytes, static_cast<std::size_t>(got)),
                  .sender = sender.pid,
                  .trusted = sender.uid == 0 || sender.uid == ::geteuid()};
}

}  // namespace lastcall::sys
