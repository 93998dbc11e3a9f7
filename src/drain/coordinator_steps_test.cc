// What a service's steps need of the coordinator: ranks, shares, skipping, last waits, the abort notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "drain/test_shutdown.h"

namespace lastcall::drain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CoordinatorSteps, ALaterRankBeginsWhenAnEarlierOneIsOverWhateverBecameOfIt) {
  Shutdown shutdown(kPlan, {{.name = "logs", .phase = Phase::stopping, .rank = 2},
                            {.name = "database", .phase = Phase::stopping, .rank = 1},
                            {.name = "files", .phase = Phase::stopping, .rank = 1}});
  EXPECT_THAT(shutdown.begin(), ElementsAre("enter draining", "announce", "enter stopping",
                                            "start database until 14.5s", "start files until 14.5s"));
  EXPECT_THAT(shutdown.ended(1s, 2, StepOutcome::failed), IsEmpty());
  EXPECT_THAT(shutdown.tick(14s + 500ms),
              ElementsAre("abandon database: step budget", "start logs until 29s"));
}

TEST(CoordinatorSteps, AStepThatHangsLeavesAnEqualShareToEachRankStillToCome) {
  Shutdown shutdown(kPlan, {{.name = "a", .phase = Phase::stopping, .rank = 1},
                            {.name = "b", .phase = Phase::stopping, .rank = 5},
                            {.name = "c", .phase = Phase::stopping, .rank = 9}});
  shutdown.at(2s, Started{});
  EXPECT_THAT(shutdown.at(2s, Begin{.cause = "SIGTERM"}),
              ElementsAre("enter draining", "announce", "enter stopping", "start a until 11.666666s"));
  EXPECT_THAT(shutdown.ended(3s, 0), ElementsAre("start b until 17s"));
  EXPECT_THAT(shutdown.ended(4s, 1), ElementsAre("start c until 31s"));
}

TEST(CoordinatorSteps, WhatFollowsAnAbandonedStepIsSkippedAndSoIsWhatFollowsThat) {
  Shutdown shutdown(kPlan, {{.name = "pool", .phase = Phase::stopping, .budget = 2s},
                            {.name = "driver", .phase = Phase::stopping, .after = {"pool"}},
                            {.name = "library", .phase = Phase::stopping, .rank = 1, .after = {"driver"}},
                            {.name = "files", .phase = Phase::stopping, .rank = 1}});
  shutdown.begin();
  EXPECT_THAT(
      shutdown.tick(2s),
      ElementsAre("abandon pool: step budget", "skip driver: \"pool\" was abandoned and may still use it",
                  "skip library: \"driver\" was skipped", "start files until 29s"));
  EXPECT_FALSE(shutdown.coordinator().report().clean());
}

TEST(CoordinatorSteps, AnAbandonedStepThatHasEndedSinceHoldsNothingBack) {
  Shutdown shutdown(kPlan,
                    {{.name = "publisher", .phase = Phase::stopping, .budget = 2s},
                     {.name = "queue", .phase = Phase::stopping, .rank = 1},
                     {.name = "connection", .phase = Phase::stopping, .rank = 2, .after = {"publisher"}}});
  shutdown.begin();
  shutdown.tick(2s);
  shutdown.ended(3s, 0);
  EXPECT_THAT(shutdown.ended(4s, 1), ElementsAre("start connection until 29s"));
}

TEST(CoordinatorSteps, AStepMayFollowOneOfAnEarlierPhase) {
  Shutdown shutdown(
      kPlan, {{.name = "requests"}, {.name = "database", .phase = Phase::stopping, .after = {"requests"}}});
  shutdown.begin();
  EXPECT_THAT(shutdown.tick(20s),
              ElementsAre("abandon requests: drain deadline", "enter stopping",
                          "skip database: \"requests\" was abandoned and may still use it", "enter stopped",
                          "finish"));
}

TEST(CoordinatorSteps, ForcedItBeginsNothingThatNobodyCouldAwaitButTheLogs) {
  Shutdown shutdown(kPlan, {{.name = "database", .phase = Phase::stopping, .late = Late::skip},
                            {.name = "files", .phase = Phase::stopping, .rank = 1, .late = Late::skip},
                            {.name = "logs", .phase = Phase::stopping, .rank = 2, .late = Late::last_wait}});
  shutdown.begin();
  EXPECT_THAT(shutdown.at(1s, Force{.cause = "SIGQUIT"}),
              ElementsAre("abandon database: forced", "skip files: forced", "start logs until 1.5s"));
  EXPECT_THAT(shutdown.tick(1s + 500ms), ElementsAre("abandon logs: forced"));
  EXPECT_THAT(shutdown.tick(2s), ElementsAre("enter stopped", "finish"));
}

TEST(CoordinatorSteps, ForceCutsTheTimeOfLogsThatAreBeingFlushed) {
  Shutdown shutdown(kPlan, {{.name = "logs", .phase = Phase::stopping, .late = Late::last_wait}});
  shutdown.begin();
  EXPECT_THAT(shutdown.at(1s, Force{.cause = "SIGQUIT"}), IsEmpty());
  EXPECT_EQ(shutdown.wake(), "1.5s");
}

TEST(CoordinatorSteps, LogsGetALastWaitAfterTheDeadlineToo) {
  Shutdown shutdown(kPlan, {{.name = "database", .phase = Phase::stopping, .budget = 60s},
                            {.name = "metrics", .phase = Phase::stopping, .rank = 1, .late = Late::skip},
                            {.name = "logs", .phase = Phase::stopping, .rank = 2, .late = Late::last_wait}});
  shutdown.begin();
  EXPECT_THAT(shutdown.tick(29s),
              ElementsAre("abandon database: deadline", "skip metrics: deadline", "start logs until 29.5s"));
  EXPECT_THAT(shutdown.ended(29s + 100ms, 2), IsEmpty()) << "the database is still awaited";
  EXPECT_THAT(shutdown.tick(29s + 500ms), ElementsAre("enter stopped", "finish"));
}

TEST(CoordinatorSteps, TellsHandlersToUnwindBeforeTheDrainDeadlineAndCutsNothingByIt) {
  BudgetPlan plan = with_lame_duck();
  plan.abort_notice = 2s;
  Shutdown shutdown(plan);
  shutdown.begin();
  shutdown.tick(3s);
  shutdown.tick(5s);
  EXPECT_EQ(shutdown.wake(), "18s");
  EXPECT_THAT(shutdown.tick(18s), ElementsAre("abort"));
  EXPECT_EQ(shutdown.wake(), "20s");
}

TEST(CoordinatorSteps, TellsNobodyToUnwindOnceTheDrainIsOver) {
  BudgetPlan plan = kPlan;
  plan.abort_notice = 2s;
  Shutdown shutdown(plan);
  shutdown.begin();
  shutdown.ended(1s, kListener);
  shutdown.ended(1s, kRequests);
  EXPECT_EQ(shutdown.wake(), "29s");
  EXPECT_THAT(shutdown.tick(19s), IsEmpty());
}

TEST(CoordinatorSteps, ForcedTellsHandlersToUnwindAtOnceAndOnce) {
  BudgetPlan plan = kPlan;
  plan.abort_notice = 2s;
  Shutdown shutdown(plan, {{.name = "requests"}});
  shutdown.begin();
  EXPECT_THAT(shutdown.at(1s, Force{.cause = "SIGQUIT"}),
              ElementsAre("abort", "abandon requests: forced", "enter stopping", "enter stopped", "finish"));
}

}  // namespace
}  // namespace lastcall::drain
