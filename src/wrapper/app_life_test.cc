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

TEST_F(AppLife, IsNotCleanOnceTheAppCrashesWhileItIsDrained) {
  app("on(signal.SIGUSR1, os.abort)");
  drainable_.stuck = true;
  drainable_.raise_on["app_ready"] = {SIGTERM, SIGUSR1};
  EXPECT_EQ(run(), 128 + SIGABRT);
  EXPECT_EQ(report().cause, "SIGTERM");
  EXPECT_TRUE(report().app.exited_by_itself);
  EXPECT_FALSE(report().app.signalled_by_others);
  EXPECT_FALSE(report().clean());
}

TEST_F(AppLife, IsNotCleanOnceTheAppCrashesAtItsSignal) {
  app("on(signal.SIGTERM, os.abort)");
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 128 + SIGABRT);
  EXPECT_FALSE(report().clean());
}

TEST_F(AppLife, PassesOnTheStatusOfAnAppThatNeverServed) {
  shell("exit 4");
  EXPECT_EQ(run(), 4);
  EXPECT_THAT(drainable_.calls, Not(Contains("app_ready")));
}

TEST_F(AppLife, GivesUpOnAnAppThatIsNeverReadyAndSaysWhereItListens) {
  app("");
  settings_.upstream.path = "@elsewhere-" + name_;
  settings_.start_timeout = 2s;
  EXPECT_EQ(run(), 125);
  EXPECT_THAT(log(), HasSubstr("elsewhere-" + name_ + ": Connection refused"));
  EXPECT_THAT(log(), HasSubstr("\"unix:@" + name_ + "\""));
  EXPECT_EQ(report().app.signal, SIGTERM);
}

TEST_F(AppLife, BlamesWhoeverSignalledTheAppBeforeUs) {
  app("on(signal.SIGUSR1, lambda: os.kill(os.getpid(), signal.SIGTERM))");
  drainable_.stuck = true;
  drainable_.raise_on["app_ready"] = {SIGTERM, SIGUSR1};
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(report().app.signalled_by_others);
  EXPECT_THAT(log(), HasSubstr("KillMode=mixed"));
}

TEST_F(AppLife, IsReadyOnceItSaysSo) {
  app("manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
      "manager.sendto(b'READY=1', '\\0' + os.environ['NOTIFY_SOCKET'][1:])");
  settings_.ready.kind = ReadySettings::Kind::notify;
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(log(), HasSubstr("NOTIFY_SOCKET: told"));
}

TEST_F(AppLife, BlamesWhoeverMadeTheAppStopAcceptingBeforeUs) {
  app("on(signal.SIGUSR1, lambda: (server.close(), signal.pause()))");
  drainable_.stuck = true;
  set_deadlines(1s, 2s);
  settings_.signal_us_alone = "the platform's own way";
  drainable_.raise_on["app_ready"] = {SIGUSR1, SIGTERM};
  run();
  EXPECT_TRUE(report().app.signalled_by_others);
  EXPECT_THAT(log(), HasSubstr("it accepts no connections any more"));
  EXPECT_THAT(log(), HasSubstr("the platform's own way"));
  EXPECT_THAT(report().app.others_fix.value(), HasSubstr("the platform's own way"));
}

TEST_F(AppLife, SignalsTheAppBehindAShellThatDiedOfTheSignal) {
  app("on(signal.SIGTERM, lambda: os._exit(0))");
  settings_.argv = {"sh", "-c", "/usr/bin/python3 -c \"$0\"; true", settings_.argv.at(2)};
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 0);
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
      "  os.execlp('sleep', 'sleep', '1000')");
  drainable_.on["app_ready"] = [] { sys::signal_process(sys::children().at(0), SIGKILL); };
  EXPECT_EQ(run(), 128 + SIGKILL);
  EXPECT_THAT(log(), HasSubstr("keeper_lost"));
  EXPECT_GE(report().app.descendants_killed, 1U);
}

}  // namespace
}  // namespace lastcall::wrapper
