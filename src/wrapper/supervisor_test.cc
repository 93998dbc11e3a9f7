// Signals and what they lead to: LC101, LC102, LC105, LC303, LC401, LC501.
#include "wrapper/supervisor.h"

#include "wrapper/test_supervisor.h"

namespace lastcall::wrapper {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(SupervisorTest, SignalsTheAppOnlyOnceNoConnectionCanCarryARequest) {
  app("");
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(drainable_.calls,
              ElementsAre("app_ready", "unready", "announce", "close_listener", "drain", "app_gone"));
  EXPECT_EQ(report().cause, "SIGTERM");
  EXPECT_EQ(report().app.signal, SIGTERM);
  EXPECT_TRUE(report().clean());
}

class RelayTest : public SupervisorTest, public testing::WithParamInterface<int> {};

TEST_P(RelayTest, SendsTheAppTheSignalThatCame) {
  app("for n in (2, 3, 15): signal.signal(n, lambda n, _: os._exit(50 + n))");
  drainable_.raise_on["app_ready"] = {GetParam()};
  EXPECT_EQ(run(), 50 + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Signals, RelayTest, testing::Values(SIGTERM, SIGINT, SIGQUIT));

TEST_F(SupervisorTest, SendsTheStopSignalThatWasAskedFor) {
  app("on(signal.SIGINT, lambda: os._exit(0))\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)");
  settings_.stop_signal = SIGINT;
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 0);
}

TEST_F(SupervisorTest, TellsTheAppOfTheDrainsBeginIfAsked) {
  app("told = []\n"
      "on(signal.SIGUSR2, lambda: told.append(1))\n"
      "on(signal.SIGTERM, lambda: os._exit(7 if told else 8))");
  settings_.notify_signal = SIGUSR2;
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 7);
}

TEST_F(SupervisorTest, IgnoresARepeatedSigterm) {
  app("");
  drainable_.stuck = true;
  set_deadlines(200ms, 5s);
  drainable_.raise_on["app_ready"] = {SIGTERM};
  drainable_.raise_on["drain"] = {SIGTERM};
  EXPECT_EQ(run(), 1) << "only because a request was cut";
  EXPECT_THAT(drainable_.calls, Contains("cut: drain deadline"));
  EXPECT_THAT(report().further_causes, ElementsAre("SIGTERM"));
  EXPECT_FALSE(report().forced);
  EXPECT_FALSE(report().app.killed);
}

TEST_F(SupervisorTest, ForcesOnASecondSigint) {
  app("signal.signal(signal.SIGINT, signal.SIG_IGN)");
  drainable_.stuck = true;
  drainable_.raise_on["app_ready"] = {SIGINT};
  drainable_.raise_on["drain"] = {SIGINT};
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(drainable_.calls, Contains("cut: forced"));
  EXPECT_EQ(report().force_cause, "second SIGINT");
  EXPECT_TRUE(report().app.killed);
}

TEST_F(SupervisorTest, TakesTheFirstSigintAfterSigtermForNoForce) {
  app("");
  drainable_.raise_on["app_ready"] = {SIGTERM};
  drainable_.raise_on["drain"] = {SIGINT};
  EXPECT_EQ(run(), 0);
  EXPECT_FALSE(report().forced);
}

TEST_F(SupervisorTest, ForcesOnSigquitWhileDraining) {
  app("");
  drainable_.stuck = true;
  drainable_.raise_on["app_ready"] = {SIGTERM};
  drainable_.raise_on["drain"] = {SIGQUIT};
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(report().forced);
}

TEST_F(SupervisorTest, SignalsAnAppThatIsStillStartingAtOnce) {
  shell("sleep 1000");
  drainable_.stuck = true;
  raise_signal(SIGTERM);
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(drainable_.calls, Not(Contains("app_ready")));
  EXPECT_EQ(report().app.signal, SIGTERM);
}

TEST_F(SupervisorTest, ForwardsOtherSignalsAndNothingMore) {
  app("seen = []\n"
      "def note(n, _):\n"
      "  seen.append(n)\n"
      "  if len(seen) == 4: os._exit(70 if set(seen) == {1, 10, 12, 28} else 71)\n"
      "for n in (1, 10, 12, 28): signal.signal(n, note)");
  drainable_.raise_on["app_ready"] = {SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH};
  EXPECT_EQ(run(), 70);
  EXPECT_THAT(log(), Not(HasSubstr("SIGHUP")));
}

TEST_F(SupervisorTest, KillsAnAppThatIgnoresItsSignalAtTheDeadline) {
  app("signal.signal(signal.SIGTERM, signal.SIG_IGN)");
  set_deadlines(100ms, 200ms);
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 1);
  EXPECT_TRUE(report().app.killed);
  EXPECT_GE(*report().app.exited, 300ms);
}

TEST_F(SupervisorTest, EscalatesToTheGroupHalfWay) {
  app("if os.fork() == 0:\n"
      "  os.execlp('sleep', 'sleep', '1000')\n"
      "ignore = lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
      "on(signal.SIGTERM, lambda: (ignore(), os.wait(), os._exit(5)))");
  set_deadlines(100ms, 2s);
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 5) << "its worker got the signal too, so that it could end";
  EXPECT_FALSE(report().app.killed);
}

TEST_F(SupervisorTest, WakesAStoppedAppForItsSignal) {
  app("on(signal.SIGTERM, lambda: os._exit(6))");
  settings_.notify_signal = SIGSTOP;
  drainable_.raise_on["app_ready"] = {SIGTERM};
  EXPECT_EQ(run(), 6);
}

TEST_F(SupervisorTest, LeavesTheRotationAndComesBackWithoutAShutdown) {
  app("");
  drainable_.on["app_ready"] = [this] {
    EXPECT_TRUE(supervisor_->set_unready(true));
    EXPECT_TRUE(supervisor_->set_unready(true)) << "once more changes nothing";
  };
  drainable_.on["rotation: announced"] = [this] {
    EXPECT_FALSE(supervisor_->readiness().ready());
    EXPECT_TRUE(supervisor_->set_unready(false));
    EXPECT_TRUE(supervisor_->readiness().ready());
    raise_signal(SIGTERM);
  };
  drainable_.on["unready"] = [this] { EXPECT_FALSE(supervisor_->set_unready(true)) << "too late"; };
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(drainable_.calls,
              ElementsAre("app_ready", "rotation: unready", "rotation: announced", "rotation: in", "unready",
                          "announce", "close_listener", "drain", "app_gone"));
}

TEST_F(SupervisorTest, ASignalEndsAProcessThatIsOutOfTheRotation) {
  app("");
  drainable_.raise_on["rotation: announced"] = {SIGTERM};
  drainable_.on["app_ready"] = [this] { supervisor_->set_unready(true); };
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(drainable_.calls, Contains("drain"));
}

TEST_F(SupervisorTest, ComingBackBeforeTheAnnouncementTakesThatBackToo) {
  app("");
  drainable_.on["app_ready"] = [this] {
    supervisor_->set_unready(true);
    supervisor_->set_unready(false);
  };
  drainable_.raise_on["rotation: in"] = {SIGTERM};
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(drainable_.calls, Not(Contains("rotation: announced")));
}

}  // namespace
}  // namespace lastcall::wrapper
