#include "judge/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

TEST(Judge, PassesAPerfectServer) {
  const Trial trials[] = {perfect_trial(1), perfect_trial(2), perfect_trial(3)};
  const Verdict verdict = judge(trials, profiles().front());
  EXPECT_EQ(verdict.status, Status::passed);
  EXPECT_EQ(clauses_that(verdict, Status::failed), "");
  EXPECT_EQ(clauses_that(verdict, Status::inconclusive), "");
  EXPECT_EQ(clauses_that(verdict, Status::skipped), "LC102 LC104 LC205 LC302 LC303 LC402 LC403 LC502");
  for (const Finding& one : verdict.findings) {
    EXPECT_NE(one.summary, "") << one.clause;
  }
}

TEST(Judge, PassesAPerfectServerOnEveryPlatformThatRoutesNobodyToIt) {
  for (const Profile& profile : profiles()) {
    if (profile.routed == 0s) {
      EXPECT_EQ(failed(perfect_trial(), profile), "") << profile.name;
    }
  }
}

TEST(Judge, LetsTheWorstTrialDecide) {
  Trial bad = perfect_trial(2);
  cut_all(bad, 100ms, Outcome::reset);
  bad.process.exit_status = 1;
  const Trial trials[] = {perfect_trial(1), bad, perfect_trial(3)};
  const Verdict verdict = judge(trials, profiles().front());
  EXPECT_EQ(verdict.status, Status::failed);
  EXPECT_THAT(finding(verdict, "LC202").trials, testing::ElementsAre(2));
  EXPECT_EQ(verdict.timeline_trial, 2);
  EXPECT_EQ(verdict.trials[0].status, Status::passed);
  EXPECT_EQ(verdict.trials[1].status, Status::failed);
}

TEST(Judge, CannotPassWhatASlowLoadClientSaw) {
  Trial trial = perfect_trial();
  trial.saturated = true;
  EXPECT_EQ(judge_one(trial).status, Status::inconclusive);
  EXPECT_EQ(clauses_that(judge_one(trial), Status::passed), "LC101 LC301 LC401");
  EXPECT_THAT(finding(judge_one(trial), "LC202").summary, HasSubstr("it was the bottleneck"));
  cut_all(trial, 100ms, Outcome::reset);
  EXPECT_EQ(finding(judge_one(trial), "LC202").status, Status::failed);
}

TEST(Judge, DoesNotMindThatTheLoadClientWasSlowBeforeTheSignal) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    one.intended -= one.intended < trial.signalled() ? 100ms : 0ms;
  }
  EXPECT_EQ(judge_one(trial).status, Status::passed);
  for (Observation& one : trial.observations) {
    one.intended -= one.intended >= trial.signalled() + 100ms ? 100ms : 0ms;
  }
  EXPECT_EQ(judge_one(trial).status, Status::inconclusive);
}

}  // namespace
}  // namespace lastcall::judge
