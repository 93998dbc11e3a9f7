// The app's life under the supervisor: start, readiness, exits that nobody asked for, what it leaves behind.
#include "wrapper/test_supervisor.h"

namespace lastcall::wrapper {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

using AppLife = SupervisorTest;

TEST_F(AppLife, SaysThatTheCommandDoesNotExist) {
  settings_.argv = {"no-such-command-here"};
  const Result<void> started = start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().exit_status, 127);
}

TEST_F(AppLife, IsReadyAtOnceWithoutACheck) {
  shell("exec sleep 1000");
  settings_.ready.kind = ReadySettings::Kind::none;
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 0);
}

TEST_F(AppLife, PassesACrashOn) {
  app("import threading\nthreading.Timer(0.1, lambda: os._exit(9)).start()");
  EXPECT_EQ(run(), 9);
  EXPECT_EQ(report().cause, "app exited with status 9");
  EXPECT_TRUE(report().app.exited_by_itself);
  EXPECT_THAT(drainable_.calls, Contains("close_listener"));
}

TEST_F(AppLife, PassesADeathBySignalOnAsAShellDoes) {
  app("import threading\nthreading.Timer(0.1, os.abort).start()");
  EXPECT_EQ(run(), 128 + SIGABRT);
  EXPECT_EQ(report().cause, "app died of SIGABRT");
}

TEST_F(AppLife, PassesOnTheStatusOfAnAppThatNeverServed) {
  shell("exit 4");
  EXPECT_EQ(run(), 4);
  EXPECT_THAT(drainable_.calls, Not(Contains("app_ready")));
}

TEST_F(AppLife, GivesUpOnAnAppThatIsNeverReadyAndSaysWhereItListens) {
  app("other = socket.create_server(('127.0.0.1', 0))\n"
      "open('" +
      folder_ + "/port', 'w').write(str(other.getsockname()[1]))");
  settings_.upstream.path = folder_ + "/elsewhere.sock";
  settings_.start_timeout = 2s;
  EXPECT_EQ(run(), 125);
  EXPECT_THAT(log(), HasSubstr("No such file or directory"));
  EXPECT_THAT(log(), HasSubstr("127.0.0.1:" + sys::read_file(folder_ + "/port").value()));
  EXPECT_EQ(report().app.signal, SIGTERM);
}

TEST_F(AppLife, BlamesWhoeverSignalledTheAppBeforeUs) {
  app("open('" + folder_ + "/pid', 'w').write(str(os.getpid()))");
  drainable_.stuck = true;
  drainable_.raise_on["app_ready"] = {SIGTERM};
  drainable_.on["drain"] = [this] { ::kill(std::stoi(sys::read_file(folder_ + "/pid").value()), SIGTERM); };
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(report().app.signalled_by_others);
  EXPECT_THAT(log(), HasSubstr("KillMode=mixed"));
}

TEST_F(AppLife, SignalsTheAppBehindAShellThatDiedOfTheSignal) {
  app("on(signal.SIGTERM, lambda: (open('" + folder_ + "/stopped', 'w').close(), os._exit(0)))");
  const std::string script = folder_ + "/app.py";
  sys::replace_file(script, settings_.argv.at(2));
  shell("/usr/bin/python3 " + script + "; true");
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(sys::read_file(folder_ + "/stopped")) << "it ended in its own way";
  EXPECT_EQ(report().app.descendants_killed, 0U);
}

TEST_F(AppLife, LeavesNoGrandchildInASessionOfItsOwn) {
  app("if os.fork() == 0:\n"
      "  os.setsid()\n"
      "  os.execlp('sleep', 'sleep', '1000')");
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(report().app.descendants_killed, 1U);
}

TEST_F(AppLife, EndsWhatTheAppLeftBehindWhenTheKeeperIsKilled) {
  app("if os.fork() == 0:\n"
      "  os.setsid()\n"
      "  os.execlp('sleep', 'sleep', '1000')\n"
      "open('" +
      folder_ + "/keeper', 'w').write(str(os.getppid()))");
  drainable_.on["app_ready"] = [this] {
    ::kill(std::stoi(sys::read_file(folder_ + "/keeper").value()), SIGKILL);
  };
  EXPECT_EQ(run(), 128 + SIGKILL);
  EXPECT_THAT(log(), HasSubstr("keeper_lost"));
}

}  // namespace
}  // namespace lastcall::wrapper
