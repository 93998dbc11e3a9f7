#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

const Profile kRouted{.name = "routed", .grace = 30s, .routed = 3s};

std::string summary_of(const Trial& trial, const Profile& profile = profiles().front()) {
  return finding(judge_one(trial, profile), "LC103").summary;
}

// LC103

TEST(Readiness, ThatStaysGreenIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  trial.readiness = probes(1h, 0, 1200ms);
  EXPECT_EQ(failed(trial), "LC103");
  EXPECT_THAT(summary_of(trial), HasSubstr("readiness stayed green to the end"));
}

TEST(Readiness, ThatFallsLateIsNamedWithItsTime) {
  Trial trial = perfect_trial();
  trial.readiness = probes(300ms, 503, 1200ms);
  EXPECT_EQ(failed(trial), "LC103");
  EXPECT_THAT(summary_of(trial), HasSubstr("readiness turned red only 300 ms after the signal"));
}

TEST(Readiness, ThatFallsLateByNoMoreThanTheClientWasLateIsTheMachinesDoing) {
  Trial trial = perfect_trial();
  trial.readiness = probes(300ms, 503, 1200ms);
  Observation& last = *std::ranges::max_element(trial.observations, {}, &Observation::started);
  last.intended = last.started - 250ms;
  EXPECT_EQ(failed(trial), "");
  last.intended = last.started - 150ms;
  EXPECT_EQ(failed(trial), "LC103");
}

TEST(Readiness, ThatComesBackIsNamed) {
  Trial trial = perfect_trial();
  for (Probe& probe : trial.readiness) {
    if (probe.asked > at(400ms) && probe.asked < at(500ms)) {
      probe.status = 200;
    }
  }
  EXPECT_EQ(failed(trial), "LC103");
  EXPECT_THAT(summary_of(trial), HasSubstr("green again"));
}

TEST(Readiness, MayTakeAMomentAndMayBeUnreachable) {
  Trial trial = perfect_trial();
  trial.readiness = probes(90ms, 503, 1200ms);
  EXPECT_EQ(failed(trial), "");
  trial.readiness = probes(1h, 0, 5ms);
  EXPECT_EQ(failed(trial), "");
}

TEST(Readiness, ThatWasNeverGreenSaysNothing) {
  Trial trial = perfect_trial();
  trial.readiness = probes(-2s, 404, 1200ms);
  EXPECT_EQ(failed(trial), "");
  EXPECT_EQ(undecided(trial), "LC103");
}

TEST(Readiness, IsSkippedIfNobodyProbesIt) {
  Trial trial = perfect_trial();
  trial.readiness = probes(1h, 0, 1200ms);
  trial.liveness.clear();
  EXPECT_EQ(finding(judge_one(trial, {.name = "x", .grace = 30s, .probed = false}), "LC103").status,
            Status::skipped);
  trial.readiness.clear();
  EXPECT_EQ(finding(judge_one(trial), "LC103").status, Status::skipped);
}

TEST(Liveness, ThatFailsBeforeTheExitIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  trial.liveness = probes(200ms, 503, 1200ms);
  EXPECT_EQ(failed(trial), "LC103");
  EXPECT_THAT(summary_of(trial), HasSubstr("liveness failed"));
}

TEST(Liveness, MayBeUnreachableOnceTheTrafficsPortIsClosed) {
  Trial trial = perfect_trial();
  trial.liveness = probes(1h, 0, 5ms);
  EXPECT_EQ(failed(trial), "");
  trial.liveness_apart = true;
  EXPECT_EQ(failed(trial), "LC103");
}

TEST(Liveness, MayEndRightBeforeTheExit) {
  Trial trial = perfect_trial();
  trial.liveness = probes(1h, 0, 1110ms);
  trial.liveness_apart = true;
  EXPECT_EQ(failed(trial), "");
}

// LC104

TEST(LameDuck, ThatRefusesWhoIsStillRoutedThereIsTheOnlyThingNamed) {
  EXPECT_EQ(failed(perfect_trial(), kRouted), "LC104");
  EXPECT_THAT(finding(judge_one(perfect_trial(), kRouted), "LC104").summary,
              HasSubstr("refused from 5 ms after the signal on, but still come for 3 s"));
}

Trial with_lame_duck(Duration closed) {
  Trial trial = perfect_trial();
  leave_out(trial, Kind::fresh);
  add_fresh(trial.observations, -1s, closed, closed + 500ms);
  trial.process.exited = at(closed + 200ms);
  trial.readiness = probes(1ms, 503, closed + 200ms);
  trial.liveness = probes(1h, 0, closed + 200ms);
  trial.load_ended = at(closed + 500ms);
  return trial;
}

TEST(LameDuck, ThatTakesEveryoneUntilTheyComeNoMorePasses) {
  const Verdict verdict = judge_one(with_lame_duck(3100ms), kRouted);
  EXPECT_EQ(clauses_that(verdict, Status::failed), "");
  EXPECT_EQ(finding(verdict, "LC104").status, Status::passed);
}

TEST(LameDuck, SaysNothingIfNobodyCame) {
  Trial trial = with_lame_duck(3100ms);
  leave_out(trial, Kind::fresh);
  EXPECT_EQ(finding(judge_one(trial, kRouted), "LC104").status, Status::inconclusive);
}

TEST(LameDuck, IsNotAskedForWhereNobodyIsRoutedTo) {
  EXPECT_EQ(finding(judge_one(perfect_trial()), "LC104").status, Status::skipped);
}

// LC105

std::string wait_of(const Trial& trial, const Profile& profile = profiles().front()) {
  return finding(judge_one(trial, profile), "LC105").summary;
}

void exit_at(Trial& trial, Duration exit) {
  trial.process.exited = at(exit);
  trial.readiness = probes(1ms, 503, exit);
  trial.liveness = probes(1h, 0, exit);
  trial.load_ended = at(exit + 300ms);
}

TEST(Wait, ThoughNobodyIsLeftIsTheOnlyThingNamed) {
  const Profile docker = *find_profile("docker");
  Trial trial = perfect_trial();
  exit_at(trial, 6s);
  EXPECT_EQ(failed(trial, docker), "LC105");
  EXPECT_THAT(wait_of(trial, docker), HasSubstr("waited 5 s before it exited, though nobody was left"));
}

TEST(Wait, ForTheAppsOwnStopIsFine) {
  Trial trial = perfect_trial();
  exit_at(trial, 10s);
  EXPECT_EQ(failed(trial), "");
}

TEST(Wait, WithTheListenerOpenIsABlindSleep) {
  EXPECT_EQ(failed(with_lame_duck(6s)), "LC105");
  EXPECT_THAT(wait_of(with_lame_duck(6s)), HasSubstr("kept its listener open for 6 s"));
  EXPECT_EQ(failed(with_lame_duck(4s)), "");
}

TEST(Wait, IsUnknownIfItWasKilled) {
  Trial trial = perfect_trial();
  trial.process = {.killed = true};
  EXPECT_EQ(finding(judge_one(trial), "LC105").status, Status::inconclusive);
}

std::vector<Trial> eight_trials(Duration step) {
  std::vector<Trial> trials;
  for (std::uint32_t i = 0; i < 8; ++i) {
    trials.push_back(perfect_trial(i + 1));
    exit_at(trials.back(), 1200ms + step * i);
  }
  return trials;
}

TEST(Wait, ThatDiffersFromTrialToTrialShowsPolling) {
  EXPECT_EQ(clauses_that(judge(eight_trials(60ms), profiles().front()), Status::failed), "LC105");
  EXPECT_EQ(judge(eight_trials(60ms), profiles().front()).status, Status::failed);
  EXPECT_EQ(clauses_that(judge(eight_trials(5ms), profiles().front()), Status::failed), "");
}

TEST(Wait, OfTrialsThatCouldNotTellIsNotCompared) {
  std::vector<Trial> trials = eight_trials(60ms);
  trials.front().saturated = true;
  EXPECT_EQ(clauses_that(judge(trials, profiles().front()), Status::failed), "");
  trials.push_back(perfect_trial(9));
  EXPECT_EQ(clauses_that(judge(trials, profiles().front()), Status::failed), "LC105");
}

TEST(Wait, IsNotTakenForPollingByFewTrials) {
  EXPECT_THAT(wait_of(perfect_trial()), HasSubstr("whether it polls shows from 8 trials on"));
}

}  // namespace
}  // namespace lastcall::judge
