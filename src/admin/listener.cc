#include "admin/listener.h"

#include <cerrno>
#include <system_error>

namespace lastcall::admin {
namespace {

constexpr int kBacklog = 128;

}  // namespace

Result<Listener> open_listener(const sys::Address& wanted, Choice choice) {
  int fd = sys::listen_on(wanted, kBacklog);
  const bool moved = fd == -EADDRINUSE && choice == Choice::standard;
  if (moved) {
    sys::Address other = wanted;
    other.port = 0;
    fd = sys::listen_on(other, kBacklog);
  }
  if (fd < 0) {
    return failure(
        "the admin listener cannot have " + wanted.text() + ": " + std::generic_category().message(-fd),
        "choose another address with --admin, or --admin=off");
  }
  return Listener{sys::UniqueFd(fd), sys::local_address(fd), moved};
}

}  // namespace lastcall::admin
