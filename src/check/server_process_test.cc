#include "check/server_process.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::check {
namespace {

using testing::ElementsAre;

Command shell(const std::string& script) {
  return {.argv = {"sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}};
}

class ServerProcessTest : public testing::Test {
 protected:
  template <class Condition>
  void run_until(const Condition& condition) {
    const Time limit = sys::now() + 20s;
    loop_.on_batch([&](Time) {
      const Time now = sys::now();
      EXPECT_LT(now, limit);
      if (condition() || now >= limit) {
        loop_.stop();
      }
      return now + 1ms;
    });
    loop_.run();
  }

  void finish(ServerProcess& server) {
    server.end();
    run_until([&] { return server.gone(); });
  }

  net::Loop loop_;
};

TEST_F(ServerProcessTest, RemembersTheExitAndTheLastLinesOfTheOutput) {
  ServerProcess server(loop_);
  ASSERT_TRUE(server.start(shell("echo first; echo second >&2; echo; exit 3")));
  run_until([&] { return server.exited() && server.output().size() >= 14; });
  EXPECT_EQ(server.exited(), (sys::ExitStatus{false, 3}));
  EXPECT_EQ(last_lines(server.output(), 5), "first\nsecond");
  EXPECT_EQ(last_lines(server.output(), 1), "second");
  finish(server);
}

TEST_F(ServerProcessTest, KeepsABoundedPartOfEndlessOutput) {
  ServerProcess server(loop_);
  ASSERT_TRUE(server.start(shell("head -c 1000000 /dev/zero | tr '\\0' x; echo the end")));
  run_until([&] { return server.output().ends_with("the end\n"); });
  EXPECT_LE(server.output().size(), 2 * ServerProcess::kMaxOutput);
  finish(server);
}

TEST_F(ServerProcessTest, TellsTheProcessesThatTheServerLeftBehindByName) {
  ServerProcess server(loop_);
  ASSERT_TRUE(server.start(shell("sleep 1000 & setsid sleep 2000 & exit 0")));
  run_until([&] { return server.exited().has_value(); });
  std::vector<std::string> names;
  for (const sys::Running& process : server.left_behind()) {
    names.push_back(process.command);
  }
  EXPECT_EQ(names.size(), 2U);
  EXPECT_EQ(server.zombies(), 0);
  finish(server);
}

TEST_F(ServerProcessTest, CountsDeadChildrenThatTheServerNeverWaitedFor) {
  ServerProcess server(loop_);
  ASSERT_TRUE(server.start({.argv = {"/usr/bin/python3", "-c",
                                     "import os,time\n"
                                     "pids = [os.fork() or os._exit(0) for _ in range(3)]\n"
                                     "for pid in pids:\n"
                                     "  os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\n"
                                     "os.waitpid(pids[0], 0)\n"},
                            .environment = {}}));
  run_until([&] { return server.exited().has_value(); });
  EXPECT_EQ(server.exited(), (sys::ExitStatus{false, 0}));
  EXPECT_EQ(server.zombies(), 2);
  EXPECT_THAT(server.left_behind(), testing::IsEmpty());
  finish(server);
}

TEST_F(ServerProcessTest, LeavesNothingOnceItIsGone) {
  ServerProcess server(loop_);
  ASSERT_TRUE(server.start(shell("trap '' TERM; setsid sleep 1000 & echo up; while :; do sleep 1; done")));
  run_until([&] { return server.output() == "up\n"; });
  server.signal(SIGTERM);
  finish(server);
  EXPECT_EQ(server.exited(), (sys::ExitStatus{true, SIGKILL}));
  EXPECT_THAT(sys::children(), testing::IsEmpty());
}

TEST_F(ServerProcessTest, SaysThatTheCommandDoesNotExist) {
  ServerProcess server(loop_);
  const auto started = server.start({.argv = {"no-such-server"}, .environment = {}});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().exit_status, 127);
  EXPECT_TRUE(server.gone());
}

TEST(OnPort, ReplacesThePlaceholderAndSetsTheVariableOnce) {
  const Command command = on_port(
      {.argv = {"serve", "--bind=127.0.0.1:{port}", "{port}{port}"}, .environment = {"PORT=1", "A=b"}}, 80);
  EXPECT_THAT(command.argv, ElementsAre("serve", "--bind=127.0.0.1:80", "8080"));
  EXPECT_THAT(command.environment, ElementsAre("A=b", "PORT=80"));
}

TEST(OnPort, LeavesThePlaceholderInDoubleBracesToAProgramThatStartsAnother) {
  const Command command =
      on_port({.argv = {"lastcall", "run", "--", "serve", "{{port}}", "-p{{port}}{port}", "{{port}"},
               .environment = {}},
              80);
  EXPECT_THAT(command.argv, ElementsAre("lastcall", "run", "--", "serve", "{port}", "-p{port}80", "{80"));
}

TEST(LastLines, IgnoresEmptyOnesAtTheEnd) {
  EXPECT_EQ(last_lines("", 3), "");
  EXPECT_EQ(last_lines("\n\n", 3), "");
  EXPECT_EQ(last_lines("a\nb\nc\n\n", 2), "b\nc");
  EXPECT_EQ(last_lines("a\nb", 2), "a\nb");
  EXPECT_EQ(last_lines("\na", 2), "\na");
}

}  // namespace
}  // namespace lastcall::check
