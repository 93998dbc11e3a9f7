// Signals as values: blocked from the first statement on and read from a descriptor, so that there is no
// handler.
#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <unistd.h>

#include "base/assert.h"
#include "sys/inherited.h"
#include "sys/sys.h"

namespace lastcall::sys {
namespace {

// SIGPIPE and the terminal's SIGTTIN and SIGTTOU are blocked only so that they neither kill nor stop us;
// every write already says EPIPE.
constexpr int kHandled[] = {SIGHUP,  SIGINT,   SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
                            SIGCHLD, SIGWINCH, SIGPIPE, SIGTTIN, SIGTTOU};
constexpr int kRead[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD, SIGWINCH};

template <std::size_t N>
sigset_t set_of(const int (&signals)[N]) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) {
    ::sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

Inherited& inherited() {
  static Inherited instance;
  return instance;
}

void block_signals() {
  const sigset_t handled = set_of(kHandled);
  sigset_t before;
  LASTCALL_ASSERT(::pthread_sigmask(SIG_BLOCK, &handled, &before) == 0);
  if (!inherited().signal_mask) {
    inherited().signal_mask = before;
  }
  // An ignored SIGCHLD would have the kernel reap our children, and their status would be lost.
  inherited().sigchld_ignored |= ::signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

void block_all_signals() {
  sigset_t all;
  ::sigfillset(&all);
  // A thread's own faults: blocked, they would kill without the handler that tells where it crashed.
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
    ::sigdelset(&all, fault);
  }
  LASTCALL_ASSERT(::pthread_sigmask(SIG_SETMASK, &all, nullptr) == 0);
}

int signal_fd_create() {
  const sigset_t read = set_of(kRead);
  const int fd = ::signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd >= 0 ? fd : -errno;
}

std::optional<Signal> next_signal(int signal_fd) {
  signalfd_siginfo info{};
  ssize_t got = 0;
  do {
    got = ::read(signal_fd, &info, sizeof info);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof info) {
    return std::nullopt;
  }
  const bool from_kernel = info.ssi_code == SI_KERNEL;
  return Signal{static_cast<int>(info.ssi_signo), from_kernel ? 0 : static_cast<pid_t>(info.ssi_pid)};
}

}  // namespace lastcall::sys
