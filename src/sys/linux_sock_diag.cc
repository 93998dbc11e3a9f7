// What only the kernel's socket monitor (NETLINK_SOCK_DIAG) tells of a listener. Unprivileged; a sandbox may
// forbid it.
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <errno.h>
#include <functional>
#include <unistd.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

using Bytes = std::span<const char>;
using OnAnswer = std::function<void(Bytes payload)>;

enum class Dump : std::uint8_t { goes_on, ended };

// The record at the front of `bytes`; zeroes for what is missing.
template <class Record>
Record front(Bytes bytes) {
  Record record{};
  std::memcpy(&record, bytes.data(), std::min(bytes.size(), sizeof record));
  return record;
}

Bytes without_front(Bytes bytes, std::size_t size) {
  return bytes.subspan(std::min(bytes.size(), size));
}

// Netlink pads every message and attribute to four bytes.
constexpr std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

// One message of a dump. 0 or the negative errno that it carries.
int take_message(const nlmsghdr& header, Bytes payload, const OnAnswer& on_answer, Dump& dump) {
  switch (header.nlmsg_type) {
    case NLMSG_ERROR:
      return front<nlmsgerr>(payload).error;
    case NLMSG_DONE:
      dump = Dump::ended;
      return front<int>(payload);
    default:
      on_answer(payload);
      return 0;
  }
}

// One datagram of a dump. The kernel makes it within our own call, so that an empty queue is an error, not a
// wait.
int take_datagram(int monitor, const OnAnswer& on_answer, Dump& dump) {
  std::array<char, 32768> buffer{};
  const ssize_t got = receive(monitor, buffer);
  if (got < 0) {
    return static_cast<int>(got);
  }
  Bytes left(buffer.data(), static_cast<std::size_t>(got));
  while (left.size() >= sizeof(nlmsghdr) && dump == Dump::goes_on) {
    const auto header = front<nlmsghdr>(left);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > left.size()) {
      return -EPROTO;
    }
    const Bytes payload = without_front(left.first(header.nlmsg_len), sizeof header);
    if (const int error = take_message(header, payload, on_answer, dump); error < 0) {
      return error;
    }
    left = without_front(left, aligned(header.nlmsg_len));
  }
  return 0;
}

// Asks for a dump and hands over every answer. 0 or a negative errno.
template <class Request>
int ask(Request& request, const OnAnswer& on_answer) {
  constexpr int kMostDatagrams = 4096;  // of some 300 sockets each: more than a SYN queue can hold

  const UniqueFd monitor(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
  if (!monitor) {
    return -errno;
  }
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  if (::send(monitor.get(), &request, sizeof request, 0) < 0) {
    return -errno;
  }
  Dump dump = Dump::goes_on;
  for (int i = 0; i < kMostDatagrams && dump == Dump::goes_on; ++i) {
    if (const int error = take_datagram(monitor.get(), on_answer, dump); error < 0) {
      return error;
    }
  }
  return 0;
}

struct HandshakeRequest {
  nlmsghdr header;
  inet_diag_req_v2 body;
  nlattr attribute;
  std::array<inet_diag_bc_op, 4> program;
};

static_assert(sizeof(HandshakeRequest) == sizeof(nlmsghdr) + sizeof(inet_diag_req_v2) + 20,
              "no padding on the wire");

// Local port == `port`, in the kernel's filter language: an operation, then a no-op that carries its operand.
// A false comparison jumps just past the end, which rejects the socket.
std::array<inet_diag_bc_op, 4> only_port(std::uint16_t port) {
  constexpr std::uint8_t kPair = 2 * sizeof(inet_diag_bc_op);
  constexpr std::uint16_t kPastEnd = 5 * sizeof(inet_diag_bc_op);
  return {{{INET_DIAG_BC_S_GE, kPair, kPastEnd},
           {INET_DIAG_BC_NOP, 0, port},
           {INET_DIAG_BC_S_LE, kPair, kPastEnd - kPair},
           {INET_DIAG_BC_NOP, 0, port}}};
}

struct FileRequest {
  nlmsghdr header;
  unix_diag_req body;
};

// The inode of the file that a Unix socket is bound to, as its answer's attributes say; or 0.
std::uint32_t bound_file(Bytes attributes) {
  while (attributes.size() >= sizeof(nlattr)) {
    const auto attribute = front<nlattr>(attributes);
    if (attribute.nla_type == UNIX_DIAG_VFS) {
      return front<unix_diag_vfs>(without_front(attributes, sizeof attribute)).udiag_vfs_ino;
    }
    attributes =
        without_front(attributes, aligned(std::max<std::size_t>(attribute.nla_len, sizeof attribute)));
  }
  return 0;
}

std::uint32_t bound_file_of(int listener) {
  struct stat socket{};
  if (::fstat(listener, &socket) < 0) {
    return 0;
  }
  FileRequest request{};
  request.body.sdiag_family = AF_UNIX;
  request.body.udiag_states = 1U << TCP_LISTEN;
  request.body.udiag_show = UDIAG_SHOW_VFS;

  std::uint32_t file = 0;
  const int error = ask(request, [&](Bytes answer) {
    if (front<unix_diag_msg>(answer).udiag_ino == static_cast<std::uint32_t>(socket.st_ino)) {
      file = bound_file(without_front(answer, aligned(sizeof(unix_diag_msg))));
    }
  });
  return error < 0 ? 0 : file;
}

}  // namespace

// An IPv4 handshake on a dual-stack listener is listed under AF_INET6 only: the listener's own family is the
// right one. Another listener may have the same port on another address.
int handshakes_in_flight(int listener) {
  const Address address = local_address(listener);
  const bool ipv4 = address.family == Address::Family::ipv4;
  const std::size_t size = ipv4 ? sizeof(in_addr) : sizeof(in6_addr);
  // An IPv4 handshake of an IPv6 socket does not say its address in IPv6's form.
  const bool any_address = address.is_ipv4_mapped() || address.is_wildcard();
  HandshakeRequest request{};
  request.body.sdiag_family = ipv4 ? AF_INET : AF_INET6;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = 1U << TCP_SYN_RECV;
  request.attribute.nla_len = sizeof request.attribute + sizeof request.program;
  request.attribute.nla_type = INET_DIAG_REQ_BYTECODE;
  request.program = only_port(address.port);

  int count = 0;
  const int error = ask(request, [&](Bytes answer) {
    const auto handshake = front<inet_diag_msg>(answer);
    count += int{any_address || std::memcmp(handshake.id.idiag_src, address.ip, size) == 0};
  });
  return error < 0 ? error : count;
}

void unlink_if_ours(int listener) {
  const Address address = local_address(listener);
  struct stat file{};
  if (!address.is_unix() || address.path.empty() || address.path.starts_with('@') ||
      ::lstat(address.path.c_str(), &file) < 0 || !S_ISSOCK(file.st_mode)) {
    return;
  }
  const std::uint32_t bound = bound_file_of(listener);
  if (bound != 0 && bound == static_cast<std::uint32_t>(file.st_ino)) {
    ::unlink(address.path.c_str());
  }
}

}  // namespace lastcall::sys
