#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

SpawnRequest shell(const std::string& script) {
  return {{"sh", "-c", script}, {"PATH=/usr/bin:/bin"}, false};
}

KeeperNews wait_for_news(const Spawned& child) {
  std::optional<KeeperNews> news = keeper_news(child);
  while (!news) {
    pollfd wait{child.link.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&wait, 1, 20'000), 1) << "the keeper says nothing";
    news = keeper_news(child);
  }
  return *news;
}

ExitStatus exit_of(const Spawned& child) {
  const KeeperNews news = wait_for_news(child);
  EXPECT_EQ(news.kind, KeeperNews::Kind::exited);
  return news.exit;
}

/// Releases the child; how many processes had to be killed beside it.
int finish(const Spawned& child) {
  release(child);
  KeeperNews news = wait_for_news(child);
  if (news.kind == KeeperNews::Kind::exited) {
    news = wait_for_news(child);
  }
  EXPECT_EQ(news.kind, KeeperNews::Kind::gone);
  EXPECT_EQ(wait_for_news(child).kind, KeeperNews::Kind::lost);
  reap_process(child.keeper);
  EXPECT_EQ(::kill(child.pid, 0), -1);
  return news.count;
}

/// A pipe: what a program prints, and when the last process that holds it has gone.
class Output {
 public:
  Output() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader_.reset(ends[0]);
    writer_.reset(ends[1]);
  }

  /// Spawns with standard output into the pipe.
  Spawned spawn(const SpawnRequest& request) {
    const UniqueFd saved(::dup(STDOUT_FILENO));
    ::dup2(writer_.get(), STDOUT_FILENO);
    Result<Spawned> child = sys::spawn(request);
    ::dup2(saved.get(), STDOUT_FILENO);
    EXPECT_TRUE(child) << child.error().what;
    return std::move(*child);
  }

  void close_writer() { writer_.reset(); }

  [[nodiscard]] int writer() const { return writer_.get(); }

  std::string line() {
    std::string text;
    char c = 0;
    while (::read(reader_.get(), &c, 1) == 1 && c != '\n') {
      text += c;
    }
    return text;
  }

  /// Everything until nobody holds the other end.
  std::string rest() {
    writer_.reset();
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(reader_.get(), buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  UniqueFd reader_;
  UniqueFd writer_;
};

std::string output_of(const SpawnRequest& request) {
  Output output;
  const Spawned child = output.spawn(request);
  const std::string text = output.rest();
  exit_of(child);
  finish(child);
  return text;
}

TEST(Spawn, PassesTheExitStatusOn) {
  for (const int status : {0, 3, 255}) {
    const Spawned child = *spawn(shell("exit " + std::to_string(status)));
    EXPECT_EQ(exit_of(child), (ExitStatus{false, status}));
    EXPECT_EQ(finish(child), 0);
  }
}

TEST(Spawn, TellsADeathBySignalFromAnExit) {
  const Spawned child = *spawn(shell("kill -TERM $$"));
  EXPECT_EQ(exit_of(child), (ExitStatus{true, SIGTERM}));
  EXPECT_EQ(finish(child), 0);
}

TEST(Spawn, SaysThatACommandDoesNotExist) {
  const Result<Spawned> child = spawn({{"no-such-command-here"}, {}, false});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().exit_status, 127);
  EXPECT_THAT(child.error().what, HasSubstr("no-such-command-here"));
}

TEST(Spawn, SaysThatACommandIsNotExecutable) {
  const Result<Spawned> child = spawn({{"/etc/passwd"}, {}, false});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().exit_status, 126);
}

TEST(Spawn, RefusesAnEmptyCommand) {
  EXPECT_EQ(spawn({{""}, {}, false}).error().exit_status, 127);
  EXPECT_EQ(spawn({{}, {}, false}).error().exit_status, 127);
}

TEST(Spawn, LeavesNoChildBehindWhenItFails) {
  ASSERT_FALSE(spawn({{"no-such-command-here"}, {}, false}));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(Spawn, GivesTheEnvironmentAsItIs) {
  EXPECT_EQ(output_of({{"/usr/bin/env"}, {"A=1", "B=two words"}, false}), "A=1\nB=two words\n");
}

TEST(Spawn, PassesOnOnlyTheStandardDescriptors) {
  const UniqueFd leaked(::open("/dev/null", O_RDONLY));
  const std::string open = "test -e /proc/$$/fd/" + std::to_string(leaked.get());
  EXPECT_EQ(output_of(shell(open + " && echo open || echo closed")), "closed\n");
}

TEST(Spawn, ReadsFromNullUnlessInTheForeground) {
  EXPECT_EQ(output_of(shell("readlink /proc/self/fd/0")), "/dev/null\n");
}

TEST(Spawn, MakesTheProgramTheLeaderOfItsGroup) {
  EXPECT_EQ(output_of(shell("test $(ps -o pgid= -p $$) = $$ && echo leader")), "leader\n");
}

TEST(Spawn, RestoresTheSignalMaskAndTheFileLimit) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const std::string mask = output_of(shell("grep SigBlk /proc/self/status"));
  block_signals();
  raise_file_limit();
  EXPECT_EQ(output_of(shell("grep SigBlk /proc/self/status")), mask);
  EXPECT_EQ(output_of(shell("ulimit -n")), std::to_string(before.rlim_cur) + "\n");
}

TEST(Spawn, LetsTheProgramHearSignalsToStopThatWeIgnore) {
  const SpawnRequest ignored = shell("grep SigIgn /proc/self/status");
  const std::string before = output_of(ignored);
  for (const int stop : {SIGTERM, SIGINT, SIGQUIT}) {
    ::signal(stop, SIG_IGN);
  }
  const std::string inside = output_of(ignored);
  for (const int stop : {SIGTERM, SIGINT, SIGQUIT}) {
    ::signal(stop, SIG_DFL);
  }
  EXPECT_EQ(inside, before);
}

TEST(Keeper, HasAProcessNameOfItsOwn) {
  const Spawned child = *spawn(shell("exec sleep 1000"));
  const std::string proc = "/proc/" + std::to_string(child.keeper);
  EXPECT_EQ(read_file(proc + "/comm"), "lastcall-keeper\n");
  EXPECT_THAT(read_file(proc + "/cmdline").value_or(""), testing::StartsWith("lastcall: keeper"));
  finish(child);
}

TEST(Keeper, KillsWhatIsLeftOnRelease) {
  const Spawned child = *spawn(shell("trap '' TERM; sleep 1000"));
  release(child);
  EXPECT_EQ(exit_of(child), (ExitStatus{true, SIGKILL}));
  EXPECT_EQ(wait_for_news(child).kind, KeeperNews::Kind::gone);
  reap_process(child.keeper);
}

TEST(Keeper, KillsAGrandchildInASessionOfItsOwn) {
  Output output;
  const Spawned child = output.spawn(shell("setsid sh -c 'echo up; sleep 1000; :' & wait"));
  EXPECT_EQ(output.line(), "up");
  EXPECT_GE(finish(child), 1);
  EXPECT_EQ(output.rest(), "");
}

TEST(Keeper, KeepsTheProcessIdUntilReleased) {
  const Spawned child = *spawn(shell("exit 0"));
  exit_of(child);
  EXPECT_EQ(signal_process(child.pid, 0), 0);
  EXPECT_TRUE(is_ending(child.pid));
  finish(child);
}

TEST(Processes, AreNotEndingThoughTheirFirstThreadHasEnded) {
  Output output;
  const Spawned child = output.spawn({{"/usr/bin/python3", "-c",
                                       "import ctypes, threading\n"
                                       "def live():\n"
                                       "  while ') Z' not in open('/proc/self/stat').read(): pass\n"
                                       "  print('up', flush=True)\n"
                                       "  threading.Event().wait()\n"
                                       "threading.Thread(target=live).start()\n"
                                       "ctypes.CDLL(None).pthread_exit(None)"},
                                      {},
                                      false});
  EXPECT_EQ(output.line(), "up");
  EXPECT_FALSE(is_ending(child.pid));
  signal_process(child.pid, SIGKILL);
  finish(child);
}

TEST(Keeper, CountsAndReportsWhatTheProgramLeavesBehind) {
  Output output;
  const Spawned child = output.spawn(shell("sh -c 'echo up; exec sleep 1000' & exit 0"));
  EXPECT_EQ(output.line(), "up");
  const KeeperNews news = wait_for_news(child);
  EXPECT_EQ(news.kind, KeeperNews::Kind::exited);
  EXPECT_EQ(news.count, 1);
  EXPECT_GE(group_members(child.pid), 1);
  signal_group(child.pid, SIGTERM);
  EXPECT_EQ(wait_for_news(child).kind, KeeperNews::Kind::orphan);
  EXPECT_EQ(output.rest(), "");
  EXPECT_EQ(group_members(child.pid), 0);
  EXPECT_EQ(finish(child), 0);
}

TEST(Keeper, TellsTheDeadThatNobodyWaitedForFromTheLiving) {
  Output output;
  const Spawned child = output.spawn({{"/usr/bin/python3", "-c",
                                       "import os, time\n"
                                       "dead = [os.fork() or os._exit(0) for _ in range(2)]\n"
                                       "for pid in dead: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\n"
                                       "os.fork() or time.sleep(1000)\n"},
                                      {},
                                      false});
  const KeeperNews news = wait_for_news(child);
  EXPECT_EQ(news.kind, KeeperNews::Kind::exited);
  EXPECT_EQ(news.zombies, 2);
  EXPECT_EQ(news.count, 1);
  ASSERT_EQ(descendants(child.keeper).size(), 1U);
  EXPECT_EQ(descendants(child.keeper).front().command, "/usr/bin/python3");
  EXPECT_EQ(finish(child), 1);
}

TEST(Keeper, LeavesNothingWhenWeAreKilled) {
  become_subreaper();
  Output output;
  const pid_t victim = ::fork();
  if (victim == 0) {
    ::dup2(output.writer(), STDOUT_FILENO);
    const Result<Spawned> child =
        spawn(shell("setsid sh -c 'echo up; sleep 1000; :' & trap '' TERM; sleep 1000; :"));
    ::pause();
    ::_exit(child ? 0 : 1);
  }
  EXPECT_EQ(output.line(), "up");
  ::kill(victim, SIGKILL);
  reap_process(victim);
  EXPECT_EQ(output.rest(), "");
  EXPECT_GT(::waitpid(-1, nullptr, 0), 0) << "the keeper itself ends too";
  EXPECT_EQ(::waitpid(-1, nullptr, 0), -1) << "and it left nobody behind";
}

TEST(Keeper, TakesTheProgramAlongWhenItIsKilledItself) {
  become_subreaper();
  Output output;
  const Spawned child = output.spawn(shell("setsid sh -c 'echo up; exec sleep 1000' & exec sleep 1000"));
  EXPECT_EQ(output.line(), "up");
  ::kill(child.keeper, SIGKILL);
  EXPECT_EQ(wait_for_news(child).kind, KeeperNews::Kind::lost);
  reap_process(child.keeper);

  // What is orphaned now comes to us.
  reap_process(child.pid);
  for (const pid_t orphan : children()) {
    ::kill(orphan, SIGKILL);
    reap_process(orphan);
  }
  EXPECT_EQ(output.rest(), "");
}

TEST(Proc, CountsAProcessOfWhichOnlyTheFirstThreadHasDiedAmongTheChildren) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::thread([] { ::pause(); }).detach();
    ::syscall(SYS_exit, 0);
  }
  const std::string stat = "/proc/" + std::to_string(child) + "/stat";
  while (read_file(stat)->find(") Z ") == std::string::npos) {
    std::this_thread::yield();
  }
  EXPECT_THAT(children(), Contains(child));

  ::kill(child, SIGKILL);
  reap_process(child);
  EXPECT_THAT(children(), Not(Contains(child)));
}

TEST(Proc, NamesTheAddressesOnWhichAProcessListens) {
  Output output;
  const Spawned child = output.spawn({{"/usr/bin/python3", "-c",
                                       "import socket,time\n"
                                       "a=socket.create_server(('127.0.0.1',0))\n"
                                       "b=socket.create_server(('::1',0),family=socket.AF_INET6)\n"
                                       "print(a.getsockname()[1],flush=True)\n"
                                       "print(b.getsockname()[1],flush=True)\n"
                                       "time.sleep(1000)"},
                                      {},
                                      false});
  const std::string ipv4 = "127.0.0.1:" + output.line();
  const std::string ipv6 = "[::1]:" + output.line();
  const std::vector<std::string> addresses = listening_addresses(child.keeper);
  EXPECT_THAT(addresses, Contains(ipv4));
  EXPECT_THAT(addresses, Contains(ipv6));
  EXPECT_THAT(listening_addresses(::getpid()), Contains(ipv4));
  finish(child);
}

TEST(Spawn, GivesTheProgramADescriptorForAllItsOutput) {
  Pipe pipe = pipe_create();
  ASSERT_TRUE(pipe.reader && pipe.writer);
  SpawnRequest request = shell("echo out; echo err >&2");
  request.output = pipe.writer.get();
  const Spawned child = *spawn(request);
  pipe.writer.reset();
  exit_of(child);
  char buffer[64];
  const ssize_t got = read_pipe(pipe.reader.get(), buffer);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string_view(buffer, static_cast<std::size_t>(got)), "out\nerr\n");
  finish(child);
  EXPECT_EQ(read_pipe(pipe.reader.get(), buffer), 0) << "nobody else holds the other end";
}

TEST(Process, OfSomebodyElseIsSignalledAndItsEndIsNoticed) {
  const pid_t other = ::fork();
  if (other == 0) {
    ::pause();
    ::_exit(0);
  }
  const UniqueFd process(process_open(other));
  ASSERT_GE(process.get(), 0);
  EXPECT_EQ(process_signal(process.get(), 0), 0);
  pollfd wait{process.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&wait, 1, 0), 0);
  EXPECT_EQ(process_signal(process.get(), SIGKILL), 0);
  EXPECT_EQ(::poll(&wait, 1, 20'000), 1);
  reap_process(other);
  EXPECT_EQ(process_signal(process.get(), 0), -ESRCH);
  EXPECT_EQ(process_open(other), -ESRCH);
}

TEST(Signals, ArriveAsValues) {
  block_signals();
  const UniqueFd fd(signal_fd_create());
  EXPECT_EQ(next_signal(fd.get()), std::nullopt);
  ::kill(::getpid(), SIGUSR1);
  const std::optional<Signal> signal = next_signal(fd.get());
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->number, SIGUSR1);
  EXPECT_EQ(signal->sender, ::getpid());
}

TEST(Signals, AreAllBlockedButAThreadsOwnFaults) {
  sigset_t blocked;
  std::thread([&] {
    block_all_signals();
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  }).join();
  for (const int signal : {SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGPIPE}) {
    EXPECT_TRUE(::sigismember(&blocked, signal)) << signal;
  }
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    EXPECT_FALSE(::sigismember(&blocked, signal)) << signal;
  }
}

auto handler_of(int signal) {
  struct sigaction now{};
  ::sigaction(signal, nullptr, &now);
  return now.sa_handler;
}

TEST(CaughtSignals, AreGivenBackButThoseThatAreKeptAndTheseByTheNextOne) {
  constexpr int kBoth[] = {SIGTERM, SIGUSR2};
  const auto before = handler_of(SIGTERM);
  const auto catch_and_release = [&](std::span<const int> kept) {
    ASSERT_EQ(catch_signals(kBoth), 0);
    release_signals(kept);
    std::thread([] { EXPECT_EQ(next_caught_signal(), 0); }).join();
  };
  catch_and_release(std::span(kBoth).first(1));
  EXPECT_NE(handler_of(SIGTERM), before);
  EXPECT_EQ(handler_of(SIGUSR2), SIG_DFL);
  catch_and_release({});
  EXPECT_EQ(handler_of(SIGTERM), before);
}

}  // namespace
}  // namespace lastcall::sys
