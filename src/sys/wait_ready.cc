#include "sys/wait_ready.h"

#include "sys/sys.h"

namespace lastcall::sys {

Waited wait_ready(int fd, std::uint32_t events, Time until, const std::stop_token& stop) {
  const UniqueFd waker(stop.stop_possible() ? wake_create() : -1);
  const std::stop_callback on_stop(stop, [&waker] { wake(waker.get()); });
  const Time began = now();
  const Duration left = until > began ? until - began : Duration::zero();
  if (poll_one(fd, events, waker.get(), left) != 0) {
    return Waited::ready;
  }
  return stop.stop_requested() ? Waited::stopped : Waited::late;
}

}  // namespace lastcall::sys
