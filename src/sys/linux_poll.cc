#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <errno.h>
#include <unistd.h>

#include "sys/sys.h"

namespace lastcall::sys {

static_assert(kReadable == EPOLLIN && kWritable == EPOLLOUT && kError == EPOLLERR && kHangup == EPOLLHUP &&
              kPeerClosed == EPOLLRDHUP && kExclusive == EPOLLEXCLUSIVE &&
              kEdge == static_cast<std::uint32_t>(EPOLLET));

int poller_create() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int poller_add(int poller, int fd, std::uint32_t events, void* target) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = target;
  return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int poller_remove(int poller, int fd) {
  return epoll_ctl(poller, EPOLL_CTL_DEL, fd, nullptr) < 0 ? -errno : 0;
}

int poller_wait(int poller, std::span<ReadyEvent> out, Duration timeout) {
  constexpr std::size_t kBatch = 256;
  epoll_event events[kBatch];
  const int room = static_cast<int>(std::min(out.size(), kBatch));

  int ready = -1;
  do {
    if (timeout == Duration::max()) {
      ready = epoll_wait(poller, events, room, -1);
    } else {
      timespec limit{};
      limit.tv_sec = std::max(timeout, Duration::zero()) / 1s;
      limit.tv_nsec = std::max(timeout, Duration::zero()).count() % 1'000'000'000;
      ready = epoll_pwait2(poller, events, room, &limit, nullptr);
    }
  } while (ready < 0 && errno == EINTR);

  for (int i = 0; i < ready; ++i) {
    out[static_cast<std::size_t>(i)] = {events[i].events, events[i].data.ptr};
  }
  return ready < 0 ? -errno : ready;
}

int wake_create() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

void wake(int fd) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);  // full = already awake
}

void wake_drain(int fd) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd, &count, sizeof count);
}

}  // namespace lastcall::sys
