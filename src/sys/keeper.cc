#include "sys/keeper.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "sys/null_device.h"
#include "sys/process_table.h"

namespace lastcall::sys {
namespace {

constexpr int kLink = 3;
constexpr int kRoundMs = 10;      // how long to wait for SIGCHLD before looking again for children to kill
constexpr int kMaxRounds = 1000;  // what SIGKILL does not end in 10 s hangs in the kernel

void say(const KeeperMessage& message) {
  ::send(kLink, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// The standard descriptors and the link stay, nothing else: a listener held here would never close.
void keep_only(int link) {
  if (link != kLink) {
    ::dup3(link, kLink, O_CLOEXEC);
  }
  ::closefrom(kLink + 1);
}

/// A terminal or a service manager signals whole groups: only SIGKILL may end the keeper before its time.
void block_everything() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
  ::signal(SIGCHLD, SIG_DFL);
}

UniqueFd exit_notices() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCHLD);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// What ps shows instead of a second copy of our command line.
void rename_process() {
  ::prctl(PR_SET_NAME, "lastcall-keeper");
  constexpr std::string_view kTitle = "lastcall: keeper";
  const std::size_t room = read_file("/proc/self/cmdline").value_or("").size();
  if (room > kTitle.size()) {
    // The arguments lie in one piece from the first one on.
    std::memset(program_invocation_name, 0, room);
    std::memcpy(program_invocation_name, kTitle.data(), kTitle.size());
  }
}

/// Holds on to nobody's terminal, pipe or directory.
void leave_surroundings() {
  const UniqueFd null = open_null();
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(null.get(), fd);
  }
  if (::chdir("/") != 0) {
    return;  // harmless: a file system stays in use a little longer
  }
}

ExitStatus exit_status_of(int status) {
  return WIFSIGNALED(status) ? ExitStatus{true, WTERMSIG(status)} : ExitStatus{false, WEXITSTATUS(status)};
}

/// A dead child, which stays one; any if `pid` is 0. Its si_pid is 0 when none is dead.
siginfo_t dead_child(pid_t pid) {
  siginfo_t info{};
  ::waitid(pid == 0 ? P_ALL : P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return info;
}

class Keeper {
 public:
  Keeper() : notices_(exit_notices()) {}

  /// Starts the program and tells us whether it runs.
  bool start(const ExecVectors& exec, bool foreground);

  /// Reports what exits until the link closes.
  void watch();

  /// Kills and reaps everything below, then says so.
  void end();

 private:
  void reap_until_leader();
  void reap_orphans();
  bool reap_all();
  void report_exit(ExitStatus exit);
  void count_left_behind(KeeperMessage& message) const;
  void drain_notices() const;

  pid_t leader_ = -1;
  bool leader_exited_ = false;
  int killed_ = 0;
  UniqueFd notices_;
};

bool Keeper::start(const ExecVectors& exec, bool foreground) {
  int failed[2];
  if (::pipe2(failed, O_CLOEXEC) != 0) {
    return false;
  }
  const UniqueFd reader(failed[0]);
  UniqueFd writer(failed[1]);
  const pid_t keeper = ::getpid();
  leader_ = ::fork();
  if (leader_ == 0) {
    const int error = become_program(exec, foreground, keeper);
    write_all(writer.get(), {reinterpret_cast<const char*>(&error), sizeof error});
    ::_exit(127);
  }
  writer.reset();

  KeeperMessage message;
  message.error = leader_ < 0 ? errno : 0;
  // exec closes the pipe: nothing to read means that the program runs.
  if (leader_ > 0 && ::read(reader.get(), &message.error, sizeof message.error) <= 0) {
    message.kind = KeeperMessage::Kind::started;
    message.pid = leader_;
  } else if (leader_ > 0) {
    ::waitpid(leader_, nullptr, 0);
  }
  say(message);
  return message.kind == KeeperMessage::Kind::started;
}

void Keeper::watch() {
  for (;;) {
    pollfd waits[] = {{kLink, POLLIN | POLLRDHUP, 0}, {notices_.get(), POLLIN, 0}};
    ::poll(waits, 2, -1);
    if (waits[0].revents != 0) {
      return;
    }
    drain_notices();
    if (leader_exited_) {
      reap_orphans();
    } else {
      reap_until_leader();
    }
  }
}

// The kernel hands us the leader's dead children in the same step in which it dies: as long as the leader
// lives after we have seen a dead one, that one was an orphan of another's and is ours to reap.
void Keeper::reap_until_leader() {
  for (siginfo_t any = dead_child(0); any.si_pid != 0; any = dead_child(0)) {
    const siginfo_t leader = dead_child(leader_);
    if (leader.si_pid != 0) {
      report_exit({leader.si_code != CLD_EXITED, leader.si_status});
      return;
    }
    ::waitpid(any.si_pid, nullptr, WNOHANG);
  }
}

/// The dead leader stays, so that its process group can be signalled without hitting another.
void Keeper::reap_orphans() {
  for (const pid_t child : children_of_thread()) {
    if (child != leader_ && ::waitpid(child, nullptr, WNOHANG) > 0) {
      KeeperMessage message;
      message.kind = KeeperMessage::Kind::orphan;
      say(message);
    }
  }
}

void Keeper::report_exit(ExitStatus exit) {
  leader_exited_ = true;
  KeeperMessage message;
  message.kind = KeeperMessage::Kind::exited;
  message.exit = exit;
  count_left_behind(message);
  say(message);
}

void Keeper::count_left_behind(KeeperMessage& message) const {
  for (const pid_t child : children_of_thread()) {
    if (child != leader_) {
      ++(dead_child(child).si_pid == 0 ? message.count : message.zombies);
    }
  }
}

void Keeper::end() {
  // Group before leader is reaped: from then on the group's id may be another's. A process that forks while
  // it is killed takes its child along (fork fails with a signal pending).
  ::kill(-leader_, SIGKILL);
  // Each death hands its children to us: level by level, and by ids that nobody but us can set free.
  for (int round = 0; round < kMaxRounds && !reap_all(); ++round) {
    for (const pid_t child : children_of_thread()) {
      ::kill(child, SIGKILL);
    }
    pollfd wait{notices_.get(), POLLIN, 0};
    ::poll(&wait, 1, kRoundMs);
    drain_notices();
  }
  KeeperMessage message;
  message.kind = KeeperMessage::Kind::gone;
  message.count = killed_;
  say(message);
}

/// True once there is no child left.
bool Keeper::reap_all() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    const ExitStatus exit = exit_status_of(status);
    if (pid == leader_ && !leader_exited_) {
      report_exit(exit);
    } else if (pid != leader_ && exit == ExitStatus{true, SIGKILL}) {
      ++killed_;
    }
  }
  return pid < 0;
}

void Keeper::drain_notices() const {
  signalfd_siginfo info{};
  while (::read(notices_.get(), &info, sizeof info) > 0) {
  }
}

}  // namespace

void run_keeper(int link, const ExecVectors& exec, bool foreground) {
  keep_only(link);
  block_everything();
  become_subreaper();
  rename_process();
  Keeper keeper;
  if (keeper.start(exec, foreground)) {
    leave_surroundings();
    keeper.watch();
    keeper.end();
  }
  ::_exit(0);
}

}  // namespace lastcall::sys
