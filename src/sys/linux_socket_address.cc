#include "sys/linux_socket_address.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace lastcall::sys {
namespace {

SocketAddress unix_to_kernel(const std::string& path) {
  SocketAddress kernel;
  auto& un = reinterpret_cast<sockaddr_un&>(kernel.storage);
  un.sun_family = AF_UNIX;
  const std::size_t length = std::min(path.size(), sizeof un.sun_path - 1);
  std::memcpy(un.sun_path, path.data(), length);
  const bool abstract = path.starts_with('@');
  if (abstract) {
    un.sun_path[0] = '\0';
  }
  kernel.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
  return kernel;
}

std::string unix_from_kernel(const SocketAddress& kernel) {
  const auto& un = reinterpret_cast<const sockaddr_un&>(kernel.storage);
  if (kernel.length <= offsetof(sockaddr_un, sun_path)) {
    return {};
  }
  const std::size_t length = kernel.length - offsetof(sockaddr_un, sun_path);
  if (un.sun_path[0] == '\0') {
    return "@" + std::string(un.sun_path + 1, length - 1);
  }
  return {un.sun_path, strnlen(un.sun_path, length)};
}

}  // namespace

SocketAddress to_kernel(const Address& address) {
  if (address.is_unix()) {
    return unix_to_kernel(address.path);
  }
  SocketAddress kernel;
  if (address.family == Address::Family::ipv4) {
    auto& in = reinterpret_cast<sockaddr_in&>(kernel.storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&in.sin_addr, address.ip, sizeof in.sin_addr);
    kernel.length = sizeof in;
    return kernel;
  }
  auto& in6 = reinterpret_cast<sockaddr_in6&>(kernel.storage);
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(address.port);
  std::memcpy(&in6.sin6_addr, address.ip, sizeof in6.sin6_addr);
  kernel.length = sizeof in6;
  return kernel;
}

Address from_kernel(const SocketAddress& kernel) {
  Address address;
  switch (kernel.storage.ss_family) {
    case AF_INET: {
      const auto& in = reinterpret_cast<const sockaddr_in&>(kernel.storage);
      address.family = Address::Family::ipv4;
      address.port = ntohs(in.sin_port);
      std::memcpy(address.ip, &in.sin_addr, sizeof in.sin_addr);
      break;
    }
    case AF_INET6: {
      const auto& in6 = reinterpret_cast<const sockaddr_in6&>(kernel.storage);
      address.family = Address::Family::ipv6;
      address.port = ntohs(in6.sin6_port);
      std::memcpy(address.ip, &in6.sin6_addr, sizeof in6.sin6_addr);
      break;
    }
    case AF_UNIX:
      address.family = Address::Family::unix_path;
      address.path = unix_from_kernel(kernel);
      break;
    default:
      break;
  }
  return address;
}

}  // namespace lastcall::sys
