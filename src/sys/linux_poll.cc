#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <climits>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "sys/sys.h"

namespace lastcall::sys {

static_assert(kReadable == EPOLLIN && kWritable == EPOLLOUT && kError == EPOLLERR && kHangup == EPOLLHUP &&
              kPeerClosed == EPOLLRDHUP && kExclusive == EPOLLEXCLUSIVE &&
              kEdge == static_cast<std::uint32_t>(EPOLLET));
static_assert(kReadable == POLLIN && kWritable == POLLOUT && kError == POLLERR && kHangup == POLLHUP);

namespace {

// Kernels before 5.11, and sandboxes that know only those, have no epoll_pwait2: whole milliseconds there.
int wait_for_events(int poller, epoll_event* events, int room, Duration timeout) {
  if (timeout == Duration::max()) {
    return epoll_wait(poller, events, room, -1);
  }
  const Duration limit = std::max(timeout, Duration::zero());
  const timespec exact{.tv_sec = limit / 1s, .tv_nsec = (limit % 1s).count()};
  const int ready = epoll_pwait2(poller, events, room, &exact, nullptr);
  if (ready >= 0 || (errno != ENOSYS && errno != EPERM)) {
    return ready;
  }
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  return epoll_wait(poller, events, room, static_cast<int>(std::min<std::int64_t>(milliseconds, INT_MAX)));
}

}  // namespace

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
    ready = wait_for_events(poller, events, room, timeout);
  } while (ready < 0 && errno == EINTR);

  for (int i = 0; i < ready; ++i) {
    out[static_cast<std::size_t>(i)] = {events[i].events, events[i].data.ptr};
  }
  return ready < 0 ? -errno : ready;
}

std::uint32_t poll_one(int fd, std::uint32_t events, int wake, Duration timeout) {
  pollfd watched[2] = {{fd, static_cast<short>(events), 0}, {wake, POLLIN, 0}};  // a negative one is ignored
  const Time until = timeout == Duration::max() ? Time::max() : now() + timeout;
  int ready = -1;
  do {
    const Duration left = std::max(until - now(), Duration::zero());
    const timespec limit{.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
    ready = ::ppoll(watched, 2, timeout == Duration::max() ? nullptr : &limit, nullptr);
  } while (ready < 0 && errno == EINTR);
  return ready > 0 ? static_cast<std::uint32_t>(static_cast<unsigned short>(watched[0].revents)) : 0;
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
