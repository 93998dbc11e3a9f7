// Starting a program: our side of the keeper, and the last steps of the program's own process before exec.
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "sys/inherited.h"
#include "sys/keeper.h"
#include "sys/null_device.h"
#include "sys/sys.h"

namespace lastcall::sys {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& string : strings) {
    // exec's signature predates const; it writes nothing.
    result.push_back(const_cast<char*>(string.c_str()));
  }
  result.push_back(nullptr);
  return result;
}

Failure start_failure(int error) {
  return failure(std::string("cannot start a process: ") + std::strerror(error));
}

Failure exec_failure(const std::string& command, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return failure("command not found: " + command, "check its spelling and PATH, or give its full path",
                   127);
  }
  const char* fix = error == EACCES ? "make it executable (chmod +x), or name its interpreter first" : "";
  return failure("cannot execute " + command + ": " + std::strerror(error), fix, 126);
}

/// The keeper's first message: whether the program runs.
KeeperMessage first_message(int link) {
  KeeperMessage message;
  ssize_t got = 0;
  do {
    got = ::recv(link, &message, sizeof message, 0);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof message) {
    message = KeeperMessage{};
    message.error = ECHILD;
  }
  return message;
}

void remember_signal_mask() {
  sigset_t mask;
  if (!inherited().signal_mask && ::pthread_sigmask(SIG_SETMASK, nullptr, &mask) == 0) {
    inherited().signal_mask = mask;
  }
}

void restore_inherited() {
  const Inherited& before = inherited();
  if (before.file_limit) {
    ::setrlimit(RLIMIT_NOFILE, &*before.file_limit);
  }
  if (before.sigchld_ignored) {
    ::signal(SIGCHLD, SIG_IGN);
  }
  // A shell ignores two of them in what it starts with &: the program would never hear that it is to stop.
  for (const int stop : {SIGTERM, SIGINT, SIGQUIT}) {
    ::signal(stop, SIG_DFL);
  }
  ::pthread_sigmask(SIG_SETMASK, &*before.signal_mask, nullptr);
}

bool use_null_as_stdin() {
  const UniqueFd null = open_null();
  return null && ::dup2(null.get(), STDIN_FILENO) >= 0;
}

void use_as_output(int fd) {
  if (fd >= 0) {
    ::dup2(fd, STDOUT_FILENO);
    ::dup2(fd, STDERR_FILENO);
  }
}

}  // namespace

ExecVectors::ExecVectors(const SpawnRequest& request)
    : argv(pointers(request.argv)), environment(pointers(request.environment)) {}

int become_program(const ExecVectors& exec, bool foreground, pid_t keeper) {
  if (::setpgid(0, 0) != 0) {
    return errno;
  }
  if (foreground) {
    set_terminal_foreground(0);
  } else if (!use_null_as_stdin()) {
    return errno;
  }
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    return errno;
  }
  // A keeper that died before that would never be noticed.
  if (::getppid() != keeper) {
    return ECHILD;
  }
  restore_inherited();
  ::execvpe(exec.argv.front(), exec.argv.data(), exec.environment.data());
  return errno;
}

Pipe pipe_create() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return {};
  }
  // Of the reader's end alone: each end is an open file of its own.
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

ssize_t read_pipe(int reader, std::span<char> into) {
  ssize_t got = 0;
  do {
    got = ::read(reader, into.data(), into.size());
  } while (got < 0 && errno == EINTR);
  return got >= 0 ? got : -errno;
}

Result<Spawned> spawn(const SpawnRequest& request) {
  if (request.argv.empty() || request.argv.front().empty()) {
    return exec_failure("(no name)", ENOENT);
  }
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return start_failure(errno);
  }
  UniqueFd ours(ends[0]);
  UniqueFd keepers(ends[1]);
  const ExecVectors exec(request);
  remember_signal_mask();

  const pid_t keeper = ::fork();
  if (keeper < 0) {
    return start_failure(errno);
  }
  if (keeper == 0) {
    use_as_output(request.output);
    run_keeper(keepers.get(), exec, request.foreground);
  }
  keepers.reset();

  const KeeperMessage first = first_message(ours.get());
  if (first.kind != KeeperMessage::Kind::started) {
    reap_process(keeper);
    return exec_failure(request.argv.front(), first.error);
  }
  return Spawned{first.pid, keeper, std::move(ours)};
}

}  // namespace lastcall::sys
