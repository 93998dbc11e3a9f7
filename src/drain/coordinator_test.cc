#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drain/test_shutdown.h"

namespace lastcall::drain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Coordinator, ServesOnceStartedAndWaitsForNothing) {
  Shutdown shutdown;
  EXPECT_EQ(shutdown.coordinator().phase(), Phase::starting);
  EXPECT_THAT(shutdown.at(1s, Started{}), ElementsAre("enter serving"));
  EXPECT_THAT(shutdown.at(2s, Started{}), IsEmpty());
  EXPECT_EQ(shutdown.wake(), "never");
  EXPECT_FALSE(shutdown.coordinator().begun());
}

TEST(Coordinator, WithoutLameDuckAnnouncesAndDrainsAtOnce) {
  Shutdown shutdown;
  EXPECT_THAT(shutdown.begin(), ElementsAre("enter draining", "announce", "start listener until 20s",
                                            "start requests until 20s"));
  EXPECT_EQ(shutdown.wake(), "20s");
}

TEST(Coordinator, SignalsTheAppInTheCallInWhichTheLastDrainingStepEnds) {
  Shutdown shutdown;
  shutdown.begin();
  EXPECT_THAT(shutdown.ended(1s, kListener), IsEmpty());
  EXPECT_THAT(shutdown.ended(4s, kRequests),
              ElementsAre("enter stopping", "start app until 29s", "start linger until 29s"));
}

TEST(Coordinator, FinishesInTheCallInWhichTheLastStoppingStepEnds) {
  Shutdown shutdown;
  shutdown.begin();
  shutdown.ended(1s, kListener);
  shutdown.ended(1s, kRequests);
  EXPECT_THAT(shutdown.ended(2s, kLinger), IsEmpty());
  EXPECT_THAT(shutdown.ended(3s, kApp), ElementsAre("enter stopped", "finish"));
  EXPECT_EQ(shutdown.wake(), "never");
  EXPECT_TRUE(shutdown.coordinator().report().clean());
}

TEST(Coordinator, FinishesAtOnceWithoutAnyStep) {
  Shutdown shutdown(kPlan, {});
  EXPECT_THAT(shutdown.begin(),
              ElementsAre("enter draining", "announce", "enter stopping", "enter stopped", "finish"));
}

TEST(Coordinator, AnnouncesAtMinAndDrainsOnceQuiet) {
  Shutdown shutdown(with_lame_duck());
  EXPECT_THAT(shutdown.begin(), ElementsAre("enter lame_duck"));
  EXPECT_EQ(shutdown.wake(), "3s");
  EXPECT_THAT(shutdown.tick(2999ms), IsEmpty());
  EXPECT_THAT(shutdown.tick(3s), ElementsAre("announce"));
  EXPECT_EQ(shutdown.wake(), "5s");
  EXPECT_THAT(shutdown.tick(5s),
              ElementsAre("enter draining", "start listener until 20s", "start requests until 20s"));
  const LameDuckReport report = shutdown.coordinator().report().lame_duck;
  EXPECT_TRUE(report.entered);
  EXPECT_EQ(report.ended_by, "quiet");
  EXPECT_EQ(report.announced, 3s);
  EXPECT_EQ(report.ended, 5s);
}

TEST(Coordinator, ARedialExtendsTheLameDuckButNeverPastMax) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  shutdown.tick(3s);
  shutdown.at(4s, Redialled{});
  EXPECT_EQ(shutdown.wake(), "6s");
  shutdown.at(5900ms, Redialled{});
  EXPECT_EQ(shutdown.wake(), "7.9s");
  shutdown.at(7800ms, Redialled{});
  EXPECT_EQ(shutdown.wake(), "8s");
  EXPECT_THAT(shutdown.tick(8s), testing::Contains("enter draining"));
  EXPECT_EQ(shutdown.coordinator().report().lame_duck.ended_by, "max");
}

TEST(Coordinator, ARedialBeforeTheAnnouncementDoesNotCount) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  shutdown.at(2s, Redialled{});
  EXPECT_THAT(shutdown.tick(3s), ElementsAre("announce"));
  EXPECT_EQ(shutdown.wake(), "5s");
}

TEST(Coordinator, QuietCountsFromTheAnnouncementThatWasMadeNotFromTheOneThatWasDue) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  EXPECT_THAT(shutdown.tick(4s), ElementsAre("announce"));
  EXPECT_EQ(shutdown.wake(), "6s");
}

TEST(Coordinator, ATickAfterMaxAnnouncesAndDrains) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  EXPECT_THAT(shutdown.tick(9s), ElementsAre("announce", "enter draining", "start listener until 20s",
                                             "start requests until 20s"));
}

TEST(Coordinator, AnAppThatDiesEndsTheLameDuck) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  EXPECT_THAT(shutdown.ended(1s, kApp), IsEmpty());
  EXPECT_THAT(
      shutdown.at(1s, Begin{.cause = "app exited", .lame_duck = false, .drain_cap = 5s}),
      ElementsAre("announce", "enter draining", "start listener until 6s", "start requests until 6s"));
  const DrainReport report = shutdown.coordinator().report();
  EXPECT_EQ(report.cause, "SIGTERM");
  EXPECT_THAT(report.further_causes, ElementsAre("app exited"));
  EXPECT_EQ(report.lame_duck.ended_by, "app exited");
  EXPECT_EQ(report.drain_deadline, 6s);
  EXPECT_EQ(report.deadline, 29s);
}

TEST(Coordinator, ALaterBeginDrawsTheDrainDeadlineNearerButNeverAway) {
  Shutdown shutdown;
  shutdown.begin();
  shutdown.at(1s, Begin{.cause = "app exited", .lame_duck = false, .drain_cap = 5s});
  EXPECT_EQ(shutdown.wake(), "6s");
  shutdown.at(2s, Begin{.cause = "SIGTERM"});
  EXPECT_EQ(shutdown.wake(), "6s");
  EXPECT_THAT(shutdown.tick(6s), testing::Contains("abandon requests: drain deadline"));
}

TEST(Coordinator, ARepeatedSignalChangesNothingButTheReport) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  EXPECT_THAT(shutdown.at(1s, Begin{.cause = "SIGTERM"}), IsEmpty());
  EXPECT_EQ(shutdown.wake(), "3s");
  EXPECT_THAT(shutdown.coordinator().report().further_causes, ElementsAre("SIGTERM"));
}

TEST(Coordinator, KeepsABoundedNumberOfFurtherCauses) {
  Shutdown shutdown;
  shutdown.begin();
  for (int i = 0; i < 1000; ++i) {
    shutdown.at(1s, Begin{.cause = "SIGTERM"});
  }
  EXPECT_EQ(shutdown.coordinator().report().further_causes.size(), Coordinator::kMaxFurtherCauses);
}

TEST(Coordinator, WhileStartingSignalsTheAppAtOnce) {
  Shutdown shutdown(with_lame_duck());
  EXPECT_THAT(shutdown.at(1s, Begin{.cause = "SIGTERM"}),
              ElementsAre("enter draining", "announce", "start listener until 21s",
                          "start requests until 21s", "start app until 30s", "start linger until 30s"));
  EXPECT_THAT(shutdown.at(2s, Started{}), IsEmpty());
  shutdown.ended(2s, kApp);
  shutdown.ended(2s, kRequests);
  EXPECT_THAT(shutdown.ended(2s, kListener), ElementsAre("enter stopping"));
  EXPECT_THAT(shutdown.ended(2s, kLinger), ElementsAre("enter stopped", "finish"));
}

TEST(Coordinator, AStepThatEndedBeforeItsTimeIsNeverStarted) {
  Shutdown shutdown;
  shutdown.at(0s, Started{});
  EXPECT_THAT(shutdown.ended(1s, kApp), IsEmpty());
  shutdown.at(2s, Begin{.cause = "app exited", .lame_duck = false, .drain_cap = 5s});
  shutdown.ended(3s, kListener);
  EXPECT_THAT(shutdown.ended(3s, kRequests), ElementsAre("enter stopping", "start linger until 31s"));
  const std::vector<StepReport> steps = steps_of(shutdown);
  EXPECT_EQ(steps[kApp].outcome, "done");
  EXPECT_EQ(steps[kApp].began, 0s);
  EXPECT_EQ(steps[kApp].lasted, 0s);
}

TEST(Coordinator, CutsWhatIsLeftAtTheDrainDeadlineAndStopsTheApp) {
  Shutdown shutdown;
  shutdown.begin();
  shutdown.ended(1s, kListener);
  EXPECT_THAT(shutdown.tick(19999ms), IsEmpty());
  EXPECT_THAT(shutdown.tick(20s), ElementsAre("abandon requests: drain deadline", "enter stopping",
                                              "start app until 29s", "start linger until 29s"));
  EXPECT_THAT(shutdown.ended(20s, kRequests), IsEmpty());
  EXPECT_EQ(steps_of(shutdown)[kRequests].outcome, "abandoned");
  EXPECT_EQ(steps_of(shutdown)[kRequests].detail, "drain deadline");
  EXPECT_EQ(steps_of(shutdown)[kRequests].lasted, 20s);
  EXPECT_FALSE(shutdown.coordinator().report().clean());
}

TEST(Coordinator, AStepThatEndsInTheInstantOfItsDeadlineHasEnded) {
  Shutdown shutdown;
  shutdown.begin();
  shutdown.ended(1s, kListener);
  EXPECT_THAT(shutdown.ended(20s, kRequests), testing::Contains("enter stopping"));
  EXPECT_EQ(steps_of(shutdown)[kRequests].outcome, "done");
}

TEST(Coordinator, AwaitsAKilledAppForAShortTimeOnly) {
  Shutdown shutdown;
  shutdown.begin();
  shutdown.ended(1s, kListener);
  shutdown.ended(1s, kRequests);
  shutdown.ended(2s, kLinger);
  EXPECT_THAT(shutdown.tick(29s), ElementsAre("abandon app: deadline"));
  EXPECT_EQ(shutdown.wake(), "29.5s");
  EXPECT_THAT(shutdown.tick(29500ms), ElementsAre("enter stopped", "finish"));
}

TEST(Coordinator, FinishesOnceTheKilledAppIsReaped) {
  Shutdown shutdown;
  shutdown.begin();
  shutdown.ended(1s, kListener);
  shutdown.ended(1s, kRequests);
  shutdown.ended(2s, kLinger);
  shutdown.tick(29s);
  EXPECT_THAT(shutdown.ended(29002ms, kApp), ElementsAre("enter stopped", "finish"));
  EXPECT_EQ(steps_of(shutdown)[kApp].outcome, "abandoned");
}

TEST(Coordinator, NeverWaitsIntoTheSecondHalfOfTheReserve) {
  BudgetPlan plan = kPlan;
  plan.reserve = 100ms;
  plan.app_stop = plan.grace - plan.drain - plan.reserve;
  Shutdown shutdown(plan);
  shutdown.begin();
  shutdown.ended(1s, kListener);
  shutdown.ended(1s, kRequests);
  shutdown.tick(29900ms);
  EXPECT_EQ(shutdown.wake(), "29.95s");
}

TEST(Coordinator, ForceAbandonsEverythingInOneCall) {
  Shutdown shutdown;
  shutdown.begin();
  EXPECT_THAT(shutdown.at(1s, Force{.cause = "second SIGINT"}),
              ElementsAre("abandon listener: forced", "abandon requests: forced", "enter stopping",
                          "start app until 1s", "start linger until 1s", "abandon app: forced",
                          "abandon linger: forced"));
  EXPECT_EQ(shutdown.wake(), "1.5s");
  shutdown.ended(1s, kLinger);
  EXPECT_THAT(shutdown.ended(1001ms, kApp), ElementsAre("enter stopped", "finish"));
  const DrainReport report = shutdown.coordinator().report();
  EXPECT_TRUE(report.forced);
  EXPECT_EQ(report.force_cause, "second SIGINT");
  EXPECT_FALSE(report.clean());
}

TEST(Coordinator, ForceEndsTheLameDuckAndStillAnnounces) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  const std::vector<std::string> told = shutdown.at(1s, Force{.cause = "SIGQUIT"});
  ASSERT_GE(told.size(), 2U);
  EXPECT_EQ(told[0], "announce");
  EXPECT_EQ(told[1], "enter draining");
  EXPECT_EQ(shutdown.coordinator().report().lame_duck.ended_by, "force");
}

TEST(Coordinator, ForceWithNoShutdownUnderWayBeginsOne) {
  Shutdown shutdown(with_lame_duck());
  shutdown.at(0s, Started{});
  EXPECT_THAT(shutdown.at(5s, Force{.cause = "control thread stuck"}),
              testing::Contains("abandon app: forced"));
  EXPECT_EQ(shutdown.coordinator().report().cause, "control thread stuck");
  EXPECT_THAT(shutdown.coordinator().report().further_causes, IsEmpty());
  EXPECT_FALSE(shutdown.coordinator().report().lame_duck.entered);
}

TEST(Coordinator, ASecondForceChangesNothing) {
  Shutdown shutdown;
  shutdown.begin();
  shutdown.at(1s, Force{.cause = "second SIGINT"});
  EXPECT_THAT(shutdown.at(1s, Force{.cause = "third SIGINT"}), IsEmpty());
  EXPECT_EQ(shutdown.coordinator().report().force_cause, "second SIGINT");
  EXPECT_THAT(shutdown.coordinator().report().further_causes, ElementsAre("second SIGINT", "third SIGINT"));
}

TEST(Coordinator, NothingHappensOnceStopped) {
  Shutdown shutdown(kPlan, {});
  shutdown.begin();
  EXPECT_THAT(shutdown.at(1s, Begin{.cause = "SIGTERM"}), IsEmpty());
  EXPECT_THAT(shutdown.at(1s, Force{.cause = "SIGQUIT"}), IsEmpty());
  EXPECT_THAT(shutdown.tick(100s), IsEmpty());
  EXPECT_FALSE(shutdown.coordinator().forced());
  EXPECT_EQ(shutdown.coordinator().report().took, 0s);
}

TEST(Coordinator, StepsFollowTheirOrderAndIndependentOnesRunTogether) {
  Shutdown shutdown(kPlan, {{.name = "database", .phase = Phase::stopping, .after = {"cache"}},
                            {.name = "cache", .phase = Phase::stopping},
                            {.name = "producer", .phase = Phase::stopping, .budget = 2s}});
  EXPECT_THAT(shutdown.begin(), ElementsAre("enter draining", "announce", "enter stopping",
                                            "start cache until 29s", "start producer until 2s"));
  EXPECT_THAT(shutdown.ended(1s, 1, StepOutcome::failed), ElementsAre("start database until 29s"));
  EXPECT_THAT(shutdown.tick(2s), ElementsAre("abandon producer: step budget"));
  EXPECT_THAT(shutdown.ended(3s, 0), ElementsAre("enter stopped", "finish"));
  EXPECT_EQ(steps_of(shutdown)[1].outcome, "failed");
}

TEST(Coordinator, WakesNoMoreForTheLastWaitOfOneStepWhileAnotherRuns) {
  Shutdown shutdown(kPlan, {{.name = "producer", .phase = Phase::stopping, .budget = 2s},
                            {.name = "database", .phase = Phase::stopping}});
  shutdown.begin();
  shutdown.tick(2s);
  EXPECT_EQ(shutdown.wake(), "2.5s");
  EXPECT_THAT(shutdown.tick(2500ms), IsEmpty());
  EXPECT_EQ(shutdown.wake(), "29s");
}

TEST(Coordinator, AStepReleasedByTheDeadlineStartsAbandoned) {
  Shutdown shutdown(kPlan, {{.name = "first"}, {.name = "second", .rank = 1}});
  shutdown.begin();
  EXPECT_THAT(shutdown.tick(20s),
              ElementsAre("abandon first: drain deadline", "start second until 20s",
                          "abandon second: drain deadline", "enter stopping", "enter stopped", "finish"));
}

TEST(Coordinator, CountsFromASignalThatCameBeforeItCouldBeTold) {
  Shutdown shutdown;
  shutdown.at(5s, Started{});
  EXPECT_THAT(
      shutdown.at(5s, Begin{.cause = "SIGTERM", .lame_duck = false, .at = Time{2s}}),
      ElementsAre("enter draining", "announce", "start listener until 22s", "start requests until 22s"));
  EXPECT_EQ(shutdown.coordinator().report().phases.front().began, 0s);
  EXPECT_EQ(steps_of(shutdown).front().began, 3s);
}

TEST(Coordinator, TakesATimeThatGoesBackwardsForTheLatestOneSeen) {
  Shutdown shutdown;
  shutdown.at(5s, Started{});
  shutdown.at(3s, Begin{.cause = "SIGTERM"});
  EXPECT_EQ(shutdown.coordinator().budget().start, Time{5s});
}

TEST(Coordinator, HasNothingToReportBeforeItBegan) {
  Shutdown shutdown;
  shutdown.at(1s, Started{});
  const DrainReport report = shutdown.coordinator().report();
  EXPECT_THAT(report.phases, IsEmpty());
  EXPECT_THAT(report.steps, IsEmpty());
  EXPECT_EQ(report.grace, 30s);
}

TEST(Coordinator, ReportsPhasesWithoutGaps) {
  Shutdown shutdown(with_lame_duck());
  shutdown.begin();
  shutdown.tick(3s);
  shutdown.tick(5s);
  shutdown.ended(6s, kListener);
  shutdown.ended(7s, kRequests);
  shutdown.ended(8s, kApp);
  shutdown.ended(9s, kLinger);
  const DrainReport report = shutdown.coordinator().report();
  ASSERT_EQ(report.phases.size(), 4U);
  EXPECT_EQ(report.phases[0].phase, Phase::lame_duck);
  EXPECT_EQ(report.phases[0].lasted, 5s);
  EXPECT_EQ(report.phases[1].began, 5s);
  EXPECT_EQ(report.phases[1].lasted, 2s);
  EXPECT_EQ(report.phases[2].lasted, 2s);
  EXPECT_EQ(report.phases[3].lasted, 0s);
  EXPECT_EQ(report.took, 9s);
}

TEST(CoordinatorDeathTest, RefusesStepsThatWaitForEachOther) {
  EXPECT_DEATH(Shutdown(kPlan, {{.name = "a", .after = {"b"}}, {.name = "b", .after = {"a"}}}), "acyclic");
}

}  // namespace
}  // namespace lastcall::drain
