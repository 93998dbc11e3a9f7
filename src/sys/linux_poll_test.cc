// Waiting for events, also where the kernel lacks the call with nanoseconds.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

/// As a kernel before 5.11, for the calling thread alone. False if that cannot be had here.
bool forget_epoll_pwait2() {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(code), .filter = code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(Poller, WaitsOnKernelsWithoutNanoseconds) {
  bool possible = false;
  int when_silent = -1;
  int when_awake = -1;
  Duration waited{};
  std::thread([&] {
    possible = forget_epoll_pwait2();
    const UniqueFd poller(poller_create());
    const UniqueFd waker(wake_create());
    poller_add(poller.get(), waker.get(), kReadable, nullptr);
    ReadyEvent event[1];
    const Time start = now();
    when_silent = poller_wait(poller.get(), event, 1500us);
    waited = now() - start;
    wake(waker.get());
    when_awake = poller_wait(poller.get(), event, 10s);
  }).join();
  if (!possible) {
    GTEST_SKIP() << "no system call filters here";
  }
  EXPECT_EQ(when_silent, 0);
  EXPECT_GE(waited, 1500us);
  EXPECT_EQ(when_awake, 1);
}

}  // namespace
}  // namespace lastcall::sys
