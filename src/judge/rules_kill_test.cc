#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

const Profile kShort{.name = "short", .grace = 2s};

Status status_of(const Trial& trial, std::string_view clause, const Profile& profile = profiles().front()) {
  return finding(judge_one(trial, profile), clause).status;
}

std::string summary_of(const Trial& trial, std::string_view clause,
                       const Profile& profile = profiles().front()) {
  return finding(judge_one(trial, profile), clause).summary;
}

// LC101

TEST(Signal, ThatChangesNothingIsTheOnlyThingNamed) {
  EXPECT_EQ(failed(deaf_trial(), kShort), "LC101");
  EXPECT_THAT(summary_of(deaf_trial(), "LC101", kShort), HasSubstr("SIGTERM changed nothing"));
}

TEST(Signal, WasHeardIfAnythingDiffersFromBefore) {
  Trial refuses = deaf_trial();
  refuses.observations.push_back(refused(Kind::fresh, 1s));
  EXPECT_EQ(status_of(refuses, "LC101", kShort), Status::passed);
  EXPECT_EQ(status_of(refuses, "LC301", kShort), Status::failed);

  Trial red = deaf_trial();
  red.readiness = probes(0s, 503, 2s);
  EXPECT_EQ(failed(red, kShort), "LC301");

  Trial tells = deaf_trial();
  one_in_flight(tells, Kind::keep_alive, 1002ms + 500us).told_to_leave = true;
  EXPECT_EQ(status_of(tells, "LC101", kShort), Status::passed);

  Trial departs = deaf_trial();
  departs.departures = {{.flow = flow_of(Kind::keep_alive), .at = at(1s), .last_used = at(-1s)}};
  EXPECT_EQ(status_of(departs, "LC101", kShort), Status::passed);
}

TEST(Signal, WasNotHeardIfTheSameWentOnBeforeIt) {
  Trial trial = deaf_trial();
  for (Observation& one : trial.observations) {
    one.told_to_leave = one.flow == flow_of(Kind::keep_alive);
  }
  trial.departures = {{.flow = flow_of(Kind::keep_alive), .at = at(-500ms), .last_used = at(-600ms)},
                      {.flow = flow_of(Kind::keep_alive), .at = at(500ms), .last_used = at(400ms)}};
  EXPECT_EQ(failed(trial, kShort), "LC101");
}

TEST(Signal, WasNotHeardByAServerThatMayNotBeKilledAndServesOn) {
  Trial trial = deaf_trial(4s);
  trial.process = {.ours = false};
  trial.load_ended = at(4s);
  std::erase_if(trial.observations, [](const Observation& one) { return one.started >= at(4s); });
  for (auto* probes : {&trial.readiness, &trial.liveness}) {
    std::erase_if(*probes, [](const Probe& probe) { return probe.asked >= at(4s); });
  }
  for (Observation& one : trial.observations) {
    if (rests(static_cast<Kind>(one.flow))) {
      one.outcome = Outcome::ok;  // the client leaves by itself
      one.ended = at(4s);
    }
  }
  EXPECT_EQ(failed(trial, kShort), "LC101");

  trial.readiness = probes(1ms, 503, 4s);
  EXPECT_EQ(failed(trial, kShort), "LC301");
}

TEST(Signal, WasHeardIfItServesNobodyAnyMore) {
  Trial trial = deaf_trial();
  std::erase_if(trial.observations,
                [](const Observation& one) { return one.outcome == Outcome::ok && one.started > at(100ms); });
  EXPECT_EQ(status_of(trial, "LC101", kShort), Status::passed);
  EXPECT_EQ(status_of(trial, "LC301", kShort), Status::failed);
}

// LC102

Trial with_repeat(Duration when) {
  Trial trial = perfect_trial(2);
  trial.signals.push_back({.at = at(when), .number = SIGTERM});
  return trial;
}

Trial dies_of_repeat() {
  Trial trial = with_repeat(300ms);
  cut_all(trial, 301ms, Outcome::reset);
  trial.process = {.exited = at(302ms), .died_of = SIGTERM};
  return trial;
}

TEST(RepeatedSignal, ThatCutsIsTheOnlyThingNamed) {
  const Trial trials[] = {perfect_trial(1), dies_of_repeat()};
  const Verdict verdict = judge(trials, profiles().front());
  EXPECT_EQ(clauses_that(verdict, Status::failed), "LC102");
  EXPECT_EQ(clauses_that(verdict, Status::inconclusive), "");
  EXPECT_THAT(finding(verdict, "LC102").summary, HasSubstr("a second SIGTERM 300 ms after the first"));
  EXPECT_THAT(finding(verdict, "LC102").trials, testing::ElementsAre(2));
}

TEST(RepeatedSignal, ThatChangesNothingPasses) {
  const Trial trials[] = {perfect_trial(1), with_repeat(300ms)};
  EXPECT_EQ(finding(judge(trials, profiles().front()), "LC102").status, Status::passed);
}

TEST(RepeatedSignal, IsNotBlamedForWhatOneSignalDoes) {
  Trial first = perfect_trial(1);
  cut_all(first, 100ms, Outcome::reset);
  const Trial trials[] = {first, dies_of_repeat()};
  const Verdict verdict = judge(trials, profiles().front());
  EXPECT_EQ(finding(verdict, "LC102").status, Status::inconclusive);
  EXPECT_THAT(finding(verdict, "LC202").trials, testing::ElementsAre(1, 2));
}

TEST(RepeatedSignal, NeedsATrialWithoutOneToCompareWith) {
  EXPECT_EQ(status_of(dies_of_repeat(), "LC102"), Status::inconclusive);
}

TEST(RepeatedSignal, SaysNothingIfNothingWasInFlight) {
  EXPECT_EQ(status_of(with_repeat(1100ms), "LC102"), Status::skipped);
  EXPECT_EQ(status_of(with_repeat(1300ms), "LC102"), Status::skipped);
  EXPECT_EQ(status_of(perfect_trial(), "LC102"), Status::skipped);
}

TEST(RepeatedSignal, IsNotDeniedForTheTrialsWithoutOne) {
  const Trial trials[] = {perfect_trial(1), with_repeat(1100ms)};
  EXPECT_THAT(finding(judge(trials, profiles().front()), "LC102").summary,
              testing::Not(HasSubstr("no repeated signal was sent")));
}

// LC301

TEST(Deadline, MissedAfterADrainIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  trial.grace = 2s;
  trial.process = {.killed = true};
  EXPECT_EQ(failed(trial, kShort), "LC301");
}

TEST(Deadline, IsThePlatformsEvenIfTheTrialWasMorePatient) {
  Trial trial = perfect_trial();
  trial.process.exited = at(12s);
  EXPECT_THAT(failed(trial, *find_profile("docker")), HasSubstr("LC301"));
  EXPECT_EQ(status_of(trial, "LC301"), Status::passed);
}

TEST(Deadline, IsUnknownIfItWasKilledBeforeIt) {
  Trial trial = perfect_trial();
  trial.grace = 2s;
  trial.process = {.killed = true};
  EXPECT_EQ(status_of(trial, "LC301"), Status::inconclusive);
}

TEST(Deadline, IsUnknownIfTheExitWasNotSeen) {
  Trial trial = perfect_trial();
  trial.process = {.ours = false};
  EXPECT_EQ(status_of(trial, "LC301"), Status::inconclusive);
}

}  // namespace
}  // namespace lastcall::judge
