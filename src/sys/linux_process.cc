// Children after their start: news of the keeper, reaping, signalling.
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <unistd.h>

#include "base/assert.h"
#include "sys/keeper.h"
#include "sys/sys.h"

namespace lastcall::sys {
namespace {

KeeperNews::Kind kind_of(KeeperMessage::Kind kind) {
  switch (kind) {
    case KeeperMessage::Kind::exited:
      return KeeperNews::Kind::exited;
    case KeeperMessage::Kind::orphan:
      return KeeperNews::Kind::orphan;
    case KeeperMessage::Kind::gone:
      return KeeperNews::Kind::gone;
    case KeeperMessage::Kind::started:
    case KeeperMessage::Kind::failed:
      break;  // spawn() has read it
  }
  return KeeperNews::Kind::lost;
}

}  // namespace

std::optional<KeeperNews> keeper_news(const Spawned& child) {
  KeeperMessage message;
  ssize_t got = 0;
  do {
    got = ::recv(child.link.get(), &message, sizeof message, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) {
    return std::nullopt;
  }
  if (got != sizeof message) {
    return KeeperNews{};
  }
  return KeeperNews{kind_of(message.kind), message.exit, message.count, message.zombies};
}

void release(const Spawned& child) {
  ::shutdown(child.link.get(), SHUT_WR);
}

void become_subreaper() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

std::optional<Reaped> reap() {
  int status = 0;
  pid_t pid = 0;
  do {
    pid = ::waitpid(-1, &status, WNOHANG);
  } while (pid < 0 && errno == EINTR);
  if (pid <= 0) {
    return std::nullopt;
  }
  if (WIFSIGNALED(status)) {
    return Reaped{pid, {true, WTERMSIG(status)}};
  }
  return Reaped{pid, {false, WEXITSTATUS(status)}};
}

void reap_process(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

int process_open(pid_t pid) {
  const auto process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  return process >= 0 ? process : -errno;
}

int process_signal(int process, int signal) {
  return ::syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0) == 0 ? 0 : -errno;
}

pid_t own_pid() {
  return ::getpid();
}

int signal_process(pid_t pid, int signal) {
  LASTCALL_ASSERT(pid > 0);
  return ::kill(pid, signal) == 0 ? 0 : -errno;
}

int signal_group(pid_t leader, int signal) {
  LASTCALL_ASSERT(leader > 1);
  return ::kill(-leader, signal) == 0 ? 0 : -errno;
}

}  // namespace lastcall::sys
