#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <algorithm>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "sys/linux_socket_address.h"
#include "sys/sys.h"

namespace lastcall::sys {
namespace {

constexpr int kOn = 1;
constexpr int kOff = 0;

template <class Call>
auto retry_interrupted(Call call) -> decltype(call()) {
  for (;;) {
    const auto result = call();
    if (result >= 0) {
      return result;
    }
    if (errno != EINTR) {
      return -errno;
    }
  }
}

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);
}

int new_socket(const Address& address) {
  const int family = address.is_unix()                         ? AF_UNIX
                     : address.family == Address::Family::ipv4 ? AF_INET
                                                               : AF_INET6;
  const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return -errno;
  }
  if (!address.is_unix()) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, kOn);
  }
  return fd;
}

// A socket file that refuses connections was left behind by a process that is gone.
void remove_stale(const Address& address) {
  struct stat status{};
  if (address.path.starts_with('@') || ::stat(address.path.c_str(), &status) != 0 ||
      !S_ISSOCK(status.st_mode)) {
    return;
  }
  const UniqueFd probe(new_socket(address));
  SocketAddress target = to_kernel(address);
  if (::connect(probe.get(), target.get(), target.length) < 0 && errno == ECONNREFUSED) {
    ::unlink(address.path.c_str());
  }
}

// The kernel picks the local port before it knocks. Where nobody listens on a port that it may pick, sooner
// or later it picks that very one, and the socket's SYN meets the socket itself (simultaneous open, RFC 9293
// §3.5).
bool met_itself(int fd, const Address& remote) {
  const Address local = local_address(fd);
  return !remote.is_unix() && local.port == remote.port &&
         (remote.is_wildcard() || std::ranges::equal(local.ip, remote.ip));
}

int bind_and_listen(UniqueFd fd, const Address& address, int backlog) {
  SocketAddress local = to_kernel(address);
  if (::bind(fd.get(), local.get(), local.length) < 0 || ::listen(fd.get(), backlog) < 0) {
    return -errno;
  }
  return fd.release();
}

}  // namespace

void close_fd(int fd) {
  ::close(fd);
}

int listen_on(const Address& address, int backlog) {
  UniqueFd fd(new_socket(address));
  if (!fd) {
    return fd.get();
  }
  if (address.is_unix()) {
    remove_stale(address);
  } else {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, kOn);
  }
  if (address.family == Address::Family::ipv6) {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, kOff);
  }
  return bind_and_listen(std::move(fd), address, backlog);
}

int listen_privately(const std::string& path, int backlog) {
  if (path.size() >= sizeof sockaddr_un{}.sun_path) {
    return -ENAMETOOLONG;
  }
  const Address address{.family = Address::Family::unix_path, .path = path};
  UniqueFd fd(new_socket(address));
  if (!fd) {
    return fd.get();
  }
  // bind() makes the file with the socket's own mode: there is no instant at which it is open to others.
  if (::fchmod(fd.get(), S_IRUSR | S_IWUSR) < 0) {
    return -errno;
  }
  remove_stale(address);
  return bind_and_listen(std::move(fd), address, backlog);
}

int adopt_listener(int fd) {
  int listening = 0;
  int type = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0) {
    return -errno;
  }
  if (listening == 0 || type != SOCK_STREAM) {
    return -EINVAL;
  }
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) {
    return -errno;
  }
  if (!local_address(fd).is_unix()) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, kOn);
  }
  return 0;
}

int set_backlog(int fd, int backlog) {
  return ::listen(fd, backlog) < 0 ? -errno : 0;
}

int accept(int listener, Address* peer) {
  SocketAddress remote;
  const int fd = retry_interrupted(
      [&] { return ::accept4(listener, remote.get(), &remote.length, SOCK_NONBLOCK | SOCK_CLOEXEC); });
  if (fd >= 0 && peer != nullptr) {
    *peer = from_kernel(remote);
  }
  return fd;
}

int connect_to(const Address& address) {
  UniqueFd fd(new_socket(address));
  if (!fd) {
    return fd.get();
  }
  SocketAddress remote = to_kernel(address);
  const int result = retry_interrupted([&] { return ::connect(fd.get(), remote.get(), remote.length); });
  if (result < 0 && result != -EINPROGRESS) {
    return result;
  }
  if (met_itself(fd.get(), address)) {
    reset_on_close(fd.get());
    return -ECONNREFUSED;
  }
  return fd.release();
}

int socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) {
    return -errno;
  }
  return -error;
}

Address local_address(int fd) {
  SocketAddress local;
  if (::getsockname(fd, local.get(), &local.length) < 0) {
    return {};
  }
  return from_kernel(local);
}

Address peer_address(int fd) {
  SocketAddress peer;
  if (::getpeername(fd, peer.get(), &peer.length) < 0) {
    return {};
  }
  return from_kernel(peer);
}

// recv(3) and send(3) are points of cancellation, which nobody here uses: in a program with threads that
// costs two locked instructions each. The system calls themselves are not.
ssize_t receive(int fd, std::span<char> into) {
  return retry_interrupted(
      [&] { return ::syscall(SYS_recvfrom, fd, into.data(), into.size(), 0, nullptr, nullptr); });
}

ssize_t send(int fd, std::string_view bytes, bool more) {
  const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
  return retry_interrupted(
      [&] { return ::syscall(SYS_sendto, fd, bytes.data(), bytes.size(), flags, nullptr, 0); });
}

ssize_t send_both(int fd, std::string_view head, std::string_view body) {
  iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                    {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return retry_interrupted([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL); });
}

int shutdown_write(int fd) {
  return ::shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
}

int shutdown_read(int fd) {
  return ::shutdown(fd, SHUT_RD) < 0 ? -errno : 0;
}

Duration round_trip_time(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0) {
    return Duration::zero();
  }
  return std::chrono::microseconds(info.tcpi_rtt);
}

void reset_on_close(int fd) {
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

}  // namespace lastcall::sys
