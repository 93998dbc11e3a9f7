// Between Address and the kernel's sockaddr. Private to sys/.
#pragma once

#include <sys/socket.h>

#include "sys/address.h"

namespace lastcall::sys {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

[[nodiscard]] SocketAddress to_kernel(const Address& address);
[[nodiscard]] Address from_kernel(const SocketAddress& kernel);

}  // namespace lastcall::sys
