#include "sys/wait_ready.h"

#include <algorithm>

#include "sys/sys.h"

namespace lastcall::sys {

Waited wait_ready(int fd, std::uint32_t events, Time until, const std::stop_token& stop) {
  const UniqueFd poller(poller_create());
  const UniqueFd waker(wake_create());
  bool watched = false;  // its address tells the two descriptors apart
  poller_add(poller.get(), waker.get(), kReadable, nullptr);
  poller_add(poller.get(), fd, events, &watched);
  const std::stop_callback on_stop(stop, [&waker] { wake(waker.get()); });

  ReadyEvent event{};
  const Time began = now();
  const Duration left = until > began ? until - began : Duration::zero();
  if (poller_wait(poller.get(), {&event, 1}, left) <= 0) {
    return Waited::late;
  }
  return event.target == nullptr ? Waited::stopped : Waited::ready;
}

}  // namespace lastcall::sys
