// Signals caught by handlers, for a library inside somebody else's process. The handler is all that is
// global: it may run on any thread at any instant, so its pipe is made once and never closed.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <vector>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

constexpr char kReleased = 0;

struct Before {
  int signal;
  struct sigaction action;
  bool kept = false;  ///< not restored when it was released
};

struct Caught {
  std::atomic<bool> taken{false};
  int reader = -1;
  int writer = -1;
  pid_t owner = -1;
  std::vector<Before> before;  ///< of the signals that next_caught_signal() tells, and of SIGPIPE
};

Caught& caught() {
  static Caught instance;
  return instance;
}

// For the handler, which must not run the initialisation of a static.
std::atomic<int> handler_pipe{-1};
std::atomic<pid_t> handler_owner{-1};

extern "C" void on_signal(int signal) {
  const int error = errno;
  if (::getpid() == handler_owner.load(std::memory_order_relaxed)) {
    const char byte = static_cast<char>(signal);
    // A full pipe holds thousands of signals that nobody has read: one more says nothing new.
    [[maybe_unused]] const ssize_t written =
        ::write(handler_pipe.load(std::memory_order_relaxed), &byte, sizeof byte);
  } else {
    // A child made by fork() alone: it is not ours to keep alive, nor may it speak for its parent.
    ::signal(signal, SIG_DFL);
    ::raise(signal);
  }
  errno = error;
}

/// Not SIG_IGN: programs that we start would inherit that.
extern "C" void on_sigpipe(int) {}

int make_pipe(Caught& state) {
  if (state.reader >= 0) {
    return 0;
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
    return -errno;
  }
  state.reader = ends[0];
  state.writer = ends[1];
  return 0;
}

void handle(Caught& state, int signal, void (*handler)(int)) {
  if (std::ranges::find(state.before, signal, &Before::signal) != state.before.end()) {
    return;
  }
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  Before before{.signal = signal, .action = {}};
  ::sigaction(signal, &action, &before.action);
  state.before.push_back(before);
}

void ignore_broken_pipes(Caught& state) {
  struct sigaction now{};
  ::sigaction(SIGPIPE, nullptr, &now);
  if ((now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL) {
    handle(state, SIGPIPE, on_sigpipe);
  }
}

void take_only(const std::vector<Before>& signals) {
  sigset_t others;
  ::sigfillset(&others);
  for (const Before& one : signals) {
    ::sigdelset(&others, one.signal);
  }
  ::pthread_sigmask(SIG_SETMASK, &others, nullptr);
}

}  // namespace

int catch_signals(std::span<const int> signals) {
  Caught& state = caught();
  if (state.taken.exchange(true)) {
    return -EBUSY;
  }
  if (const int made = make_pipe(state); made < 0) {
    state.taken = false;
    return made;
  }
  char left = 0;
  while (::read(state.reader, &left, sizeof left) > 0) {
  }
  handler_pipe = state.writer;
  handler_owner = ::getpid();
  std::erase_if(state.before, [](const Before& one) { return !one.kept; });
  std::ranges::for_each(signals, [&](int signal) { handle(state, signal, on_signal); });
  ignore_broken_pipes(state);
  return 0;
}

int next_caught_signal() {
  Caught& state = caught();
  take_only(state.before);
  while (true) {
    pollfd readable{.fd = state.reader, .events = POLLIN, .revents = 0};
    char byte = kReleased;
    if (::poll(&readable, 1, -1) == 1 && ::read(state.reader, &byte, sizeof byte) == 1) {
      state.taken = byte != kReleased;
      return byte;
    }
  }
}

void release_signals(std::span<const int> kept) {
  Caught& state = caught();
  for (Before& one : state.before) {
    one.kept = std::ranges::find(kept, one.signal) != kept.end();
    if (!one.kept) {
      ::sigaction(one.signal, &one.action, nullptr);
    }
  }
  [[maybe_unused]] const ssize_t written = ::write(state.writer, &kReleased, sizeof kReleased);
}

}  // namespace lastcall::sys
