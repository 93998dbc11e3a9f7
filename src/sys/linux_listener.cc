#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

int set_socket_option(int fd, int name, const void* value, socklen_t size) {
  return ::setsockopt(fd, SOL_SOCKET, name, value, size) < 0 ? -errno : 0;
}

}  // namespace

// The kernel does not check that the interface exists. A socket bound to one that nothing arrives on matches
// no new SYN, IPv4 or IPv6, while a handshake in flight carries its own copy of the old binding and goes on.
int stop_matching_syns(int listener) {
  constexpr int kNoInterface = 0x7fffffff;
  return set_socket_option(listener, SO_BINDTOIFINDEX, &kNoInterface, sizeof kNoInterface);
}

// A filter on a TCP socket sees each packet from its TCP header on; the flags are byte 13. The ACK that
// completes a handshake, by a SYN cookie too, comes through the listener's filter and must pass.
int drop_syns(int listener) {
  constexpr std::uint32_t kFlags = 13;
  constexpr std::uint32_t kSyn = 0x02;
  constexpr std::uint32_t kAck = 0x10;
  constexpr std::uint32_t kDrop = 0;
  constexpr std::uint32_t kPass = 0xffffffff;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlags),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSyn | kAck),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, kDrop),
      BPF_STMT(BPF_RET | BPF_K, kPass),
  };
  const sock_fprog program{.len = std::size(code), .filter = code};
  return set_socket_option(listener, SO_ATTACH_FILTER, &program, sizeof program);
}

// For a listener the kernel reports its accept queue in tcpi_unacked.
int accept_queue_length(int listener) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) {
    return -errno;
  }
  return static_cast<int>(info.tcpi_unacked);
}

}  // namespace lastcall::sys
