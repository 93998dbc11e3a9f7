// Time, threads, readiness, descriptors: the calls of sys/sys.h.
#include <cerrno>

#include "base/assert.h"
#include "sim/kernel/kernel.h"
#include "sys/thread.h"

namespace lastcall::sys {

using sim::kernel;
using sim::Poller;
using sim::WakeFile;

struct Thread::Running {
  sim::Fiber& fiber;
};

Thread::Thread() = default;

Thread::Thread(std::function<void()> body)
    : running_(std::make_unique<Running>(Running{kernel().fibers().start(std::move(body))})) {}

Thread::Thread(Thread&& other) noexcept = default;
Thread& Thread::operator=(Thread&& other) noexcept = default;

Thread::~Thread() {
  LASTCALL_ASSERT(!joinable());
}

void Thread::join() {
  kernel().fibers().join(running_->fiber);
  running_.reset();
}

Time now() {
  return kernel().now();
}

std::int64_t wall_clock_ms() {
  constexpr std::int64_t kSomeDay = 1'750'000'000'000;
  constexpr std::int64_t kFarthest = 86'400'000;
  const std::int64_t jump =
      kernel().faults().wall_clock_jumps ? kernel().random().pick(-kFarthest, kFarthest) : 0;
  return kSomeDay + kernel().now().time_since_epoch() / 1ms + jump;
}

void random_bytes(std::span<std::byte> out) {
  for (std::byte& byte : out) {
    byte = static_cast<std::byte>(kernel().random().below(256));
  }
}

void close_fd(int fd) {
  kernel().close(fd);
}

int poller_create() {
  return kernel().open(std::make_shared<Poller>(kernel().fibers()));
}

int poller_add(int poller, int fd, std::uint32_t events, void* target) {
  const auto set = kernel().file_as<Poller>(poller);
  const auto file = kernel().file(fd);
  if (kernel().fails(kernel().faults().watch)) {
    if (const auto socket = std::dynamic_pointer_cast<sim::Endpoint>(file)) {
      socket->call_failed = true;
    }
    return -ENOMEM;
  }
  return set != nullptr && file != nullptr ? set->add(fd, file, events, target) : -EBADF;
}

int poller_remove(int poller, int fd) {
  const auto set = kernel().file_as<Poller>(poller);
  return set != nullptr ? set->remove(fd) : -EBADF;
}

int poller_wait(int poller, std::span<ReadyEvent> out, Duration timeout) {
  const auto set = kernel().file_as<Poller>(poller);
  const Time until = timeout == Duration::max() ? Time::max() : kernel().now() + timeout;
  const int ready = set != nullptr ? set->wait(out, until, kernel().timeline()) : -EBADF;
  kernel().fibers().preempt();  // what is ready may be old news by the time that it is looked at
  return ready;
}

std::uint32_t poll_one(int fd, std::uint32_t events, int wake, Duration timeout) {
  LASTCALL_ASSERT(wake == -1);
  const auto file = kernel().file(fd);
  const Time until = timeout == Duration::max() ? Time::max() : kernel().now() + timeout;
  while (file != nullptr && (file->readiness() & events) == 0 && kernel().now() < until) {
    file->wait_here(kernel().fibers().current());
    kernel().fibers().wait(until);
  }
  return file != nullptr ? file->readiness() & events : 0;
}

int wake_create() {
  return kernel().open(std::make_shared<WakeFile>(kernel().fibers()));
}

void wake(int fd) {
  if (const auto file = kernel().file_as<WakeFile>(fd)) {
    file->set();
  }
}

void wake_drain(int fd) {
  if (const auto file = kernel().file_as<WakeFile>(fd)) {
    file->drain();
  }
}

}  // namespace lastcall::sys
