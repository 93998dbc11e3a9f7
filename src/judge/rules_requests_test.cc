#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

const Finding finding_of(const Trial& trial, std::string_view clause) {
  return finding(judge_one(trial), clause);
}

// LC201

/// The newest connections before the listener closed are dropped with it.
void drop_queue(Trial& trial, Outcome outcome = Outcome::reset) {
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::fresh) && one.started >= at(-10ms) && one.started < at(5ms)) {
      spoil(one, outcome, 5ms);
    }
  }
}

TEST(Queue, ResetByTheCloseIsTheOnlyThingNamed) {
  for (const Outcome outcome : {Outcome::reset, Outcome::eof}) {
    Trial trial = perfect_trial();
    drop_queue(trial, outcome);
    EXPECT_EQ(failed(trial), "LC201");
  }
  Trial trial = perfect_trial();
  drop_queue(trial);
  const Finding found = finding_of(trial, "LC201");
  EXPECT_EQ(found.broken, 3);
  EXPECT_EQ(found.tried, 200);
  EXPECT_THAT(found.summary,
              HasSubstr("3 of 200 new connections that had connected were dropped unserved (3 reset)"));
  EXPECT_THAT(found.evidence.front().what, HasSubstr("ECONNRESET"));
}

TEST(Queue, HoldsWhoeverConnectedAfterTheLastOneThatWasServed) {
  Trial trial = perfect_trial();
  drop_queue(trial);
  for (const Kind kind : {Kind::silent, Kind::half_head, Kind::slow, Kind::pipelined}) {
    Observation& late = trial.observations.emplace_back(well(kind, 1ms, 5ms));
    spoil(late, Outcome::reset, 5ms);
    late.answered = Time::max();
    late.received = 0;
    late.reused = kind == Kind::pipelined;
  }
  EXPECT_EQ(failed(trial), "LC201");
  EXPECT_EQ(finding_of(trial, "LC201").broken, 7);
}

TEST(Queue, HoldsWhoeverWaitedInVainAfterTheLastOneThatWasServed) {
  Trial trial = perfect_trial();
  Observation& one = trial.observations.emplace_back(well(Kind::fresh, 4ms, 5ms));
  spoil(one, Outcome::timeout, 1100ms);
  EXPECT_EQ(failed(trial), "LC201");
  EXPECT_THAT(finding_of(trial, "LC201").summary, HasSubstr("1 never answered"));
}

TEST(Queue, IsNotBlamedForConnectionsThatWentDownWithWork) {
  Trial trial = perfect_trial();
  drop_queue(trial);
  cut_all(trial, 5ms, Outcome::eof);
  EXPECT_EQ(finding_of(trial, "LC201").broken, 0);
  EXPECT_EQ(finding_of(trial, "LC201").status, Status::inconclusive);
  EXPECT_EQ(finding_of(trial, "LC202").status, Status::failed);
}

TEST(Queue, IsNotBlamedForRefusalsOrForWhatConnectedToASuccessor) {
  Trial trial = perfect_trial();
  Observation& late = trial.observations.emplace_back(well(Kind::fresh, 1300ms, 1600ms));
  spoil(late, Outcome::reset, 1600ms);
  EXPECT_EQ(failed(trial), "");
}

TEST(Queue, NeedsEnoughConnectsToTell) {
  Trial trial = perfect_trial();
  leave_out(trial, Kind::fresh);
  add_fresh(trial.observations, -90ms, 5ms, 1500ms);
  EXPECT_EQ(failed(trial), "");
  EXPECT_EQ(undecided(trial), "LC201");
}

// LC202

class Work : public testing::TestWithParam<Kind> {};

TEST_P(Work, CutInFlightIsTheOnlyThingNamed) {
  for (const Outcome outcome : {Outcome::reset, Outcome::eof, Outcome::truncated, Outcome::timeout,
                                Outcome::server_error, Outcome::wrong}) {
    Trial trial = perfect_trial();
    spoil(one_in_flight(trial, GetParam()), outcome, 100ms);
    trial.process.exit_status = 1;
    EXPECT_EQ(failed(trial), "LC202") << to_string(outcome);
    EXPECT_EQ(finding_of(trial, "LC202").broken, 1);
  }
}

TEST_P(Work, MayBeCutWhenTheDrainBudgetIsUsedUpIfTheExitStatusSaysSo) {
  Trial trial = perfect_trial();
  spoil(one_in_flight(trial, GetParam()), Outcome::reset, 20s);
  trial.process = {.exited = at(20s), .exit_status = 1};
  trial.readiness = trial.liveness = {};
  EXPECT_EQ(failed(trial), "");
  trial.process.exit_status = 0;
  EXPECT_EQ(failed(trial), "LC501");
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, Work,
                         testing::Values(Kind::slow, Kind::upload, Kind::held_upload, Kind::download,
                                         Kind::pipelined, Kind::expect_continue),
                         [](const auto& of) {
                           std::string name(to_string(of.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Work, SaysWhatBecameOfIt) {
  Trial trial = perfect_trial();
  spoil(one_in_flight(trial, Kind::slow), Outcome::reset, 100ms);
  spoil(one_in_flight(trial, Kind::slow, 150ms), Outcome::eof, 100ms);
  spoil(one_in_flight(trial, Kind::download), Outcome::truncated, 120ms);
  const Finding found = finding_of(trial, "LC202");
  EXPECT_THAT(found.summary, HasSubstr("3 of "));
  EXPECT_THAT(found.summary, HasSubstr("(1 closed, 1 cut off within the response, 1 reset)"));
  ASSERT_EQ(found.evidence.size(), 3);
  EXPECT_EQ(found.evidence[0].at, 100ms);
  EXPECT_EQ(found.evidence[1].what, "slow /slow: reset after 800 ms, no byte of the response (ECONNRESET)");
  EXPECT_EQ(found.evidence[2].what,
            "download /download: cut off after 420 ms, 200 bytes of the response (FIN)");
}

TEST(Work, ThatTheServerNeverDidIsNotCut) {
  Trial trial = perfect_trial();
  leave_out(trial, Kind::pipelined);
  for (const Duration started : {-1500ms, -20ms, -10ms}) {
    trial.observations.push_back(well(Kind::pipelined, started, started + 1ms));
    Observation& behind = trial.observations.emplace_back(well(Kind::pipelined, started, 500ms));
    spoil(behind, Outcome::timeout, 500ms);
    behind.reused = true;
  }
  EXPECT_EQ(failed(trial), "");
  trial.observations.emplace_back(well(Kind::pipelined, -40ms, -30ms)).reused = true;
  EXPECT_EQ(failed(trial), "LC202 LC501") << "it does answer pipelined requests";
}

TEST(Work, AnsweredWith503IsAnotherClauses) {
  Trial trial = perfect_trial();
  Observation& one = one_in_flight(trial, Kind::slow);
  spoil(one, Outcome::server_error, 100ms);
  one.status = 503;
  EXPECT_EQ(finding_of(trial, "LC202").broken, 0);
}

TEST(Work, OfAKindThatWasAskedForAndNeverInFlightIsNotPassed) {
  for (const Kind kind :
       {Kind::slow, Kind::upload, Kind::held_upload, Kind::download, Kind::expect_continue}) {
    Trial trial = perfect_trial();
    leave_out(trial, kind);
    EXPECT_EQ(failed(trial), "");
    EXPECT_EQ(undecided(trial), "LC202");
    EXPECT_THAT(finding_of(trial, "LC202").summary, HasSubstr(to_string(kind)));
  }
}

TEST(Work, ThatIsAnsweredAtOnceWasNotSlow) {
  Trial trial = perfect_trial();
  leave_out(trial, Kind::slow);
  trial.observations.push_back(well(Kind::slow, -1ms, 1ms));
  EXPECT_EQ(undecided(trial), "LC202");
}

TEST(Work, ThatNeverHadAGoodAnswerWasNotTried) {
  Trial trial = perfect_trial();
  leave_out(trial, Kind::upload);
  for (const Duration start : {-500ms, -1ms}) {
    Observation& one = trial.observations.emplace_back(well(Kind::upload, start, start + 100ms));
    spoil(one, Outcome::wrong, start + 100ms);
    one.status = 404;
    one.told_to_leave = true;
  }
  EXPECT_EQ(failed(trial), "");
  EXPECT_EQ(undecided(trial), "LC202");
}

/// Slow requests before the signal, of which so many were answered with 500; all in flight at it are too.
Trial failing_trial(int before, int failed_before) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::slow)) {
      spoil(one, Outcome::server_error, 800ms);
    }
  }
  for (int i = 0; i < before; ++i) {
    Observation& one = trial.observations.emplace_back(well(Kind::slow, -900ms, -800ms));
    if (i < failed_before) {
      spoil(one, Outcome::server_error, -800ms);
    }
  }
  trial.process.exit_status = 1;
  return trial;
}

TEST(Work, LostAsOftenBeforeTheSignalIsNotTheShutdowns) {
  const Trial trial = failing_trial(20, 20);
  EXPECT_EQ(failed(trial), "");
  EXPECT_EQ(undecided(trial), "LC202");
  EXPECT_THAT(finding_of(trial, "LC202").summary,
              HasSubstr("lost before the signal too: slow /slow: answered 500"));
}

TEST(Work, LostFarMoreOftenThanBeforeTheSignalIsTheShutdowns) {
  EXPECT_EQ(failed(failing_trial(20, 1)), "LC202");
}

TEST(Work, OnNewAndKeptConnectionsIsCutIfTheServerHadTakenItUp) {
  for (const Kind kind : {Kind::fresh, Kind::keep_alive}) {
    Trial trial = perfect_trial();
    Observation& one = trial.observations.emplace_back(well(kind, -60ms, 100ms));
    one.reused = kind == Kind::keep_alive;
    spoil(one, Outcome::eof, 20ms);
    trial.process.exit_status = 1;
    EXPECT_EQ(failed(trial), "LC202") << to_string(kind);
  }
}

void take_out(Trial& trial, Kind kind) {
  leave_out(trial, kind);
  std::erase_if(trial.flows, [kind](const Flow& flow) { return flow.kind == kind; });
}

TEST(Work, OfAKindThatWasNotAskedForIsNotMissed) {
  Trial trial = perfect_trial();
  for (const Kind kind : {Kind::upload, Kind::held_upload, Kind::download, Kind::expect_continue}) {
    take_out(trial, kind);
  }
  trial.observations.clear();
  add_fresh(trial.observations, -1s, 5ms, 1500ms);
  add_several(trial.observations, Kind::slow, 8, -700ms, 800ms);
  EXPECT_EQ(finding_of(trial, "LC202").status, Status::passed);
}

TEST(Work, OfWhichNoneWasAskedForIsSkippedHoweverManyQuickRequestsWereInFlight) {
  Trial trial = perfect_trial();
  for (const Kind kind :
       {Kind::slow, Kind::upload, Kind::held_upload, Kind::download, Kind::expect_continue}) {
    take_out(trial, kind);
  }
  for (const bool some_in_flight : {true, false}) {
    trial.observations.clear();
    add_fresh(trial.observations, -1s, 5ms, some_in_flight ? 1500ms : -1ms);
    EXPECT_EQ(finding_of(trial, "LC202").status, Status::skipped) << some_in_flight;
  }
  EXPECT_THAT(finding_of(trial, "LC202").summary, HasSubstr("--slow-path"));
}

// LC208

Observation& add_503(Trial& trial, Duration started) {
  Observation& one = trial.observations.emplace_back(well(Kind::keep_alive, started, started + 1ms));
  spoil(one, Outcome::server_error, started + 1ms);
  one.status = 503;
  one.retry_after = one.told_to_leave = one.reused = true;
  return one;
}

TEST(Refusal, WhileOthersAreServedIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  add_503(trial, 100ms);
  EXPECT_EQ(failed(trial), "LC208");
  EXPECT_THAT(finding_of(trial, "LC208").summary, HasSubstr("1 while it still served others"));
}

TEST(Refusal, OnceNothingCanBeServedPasses) {
  Trial trial = perfect_trial();
  add_503(trial, 850ms);
  EXPECT_EQ(failed(trial), "");
}

TEST(Refusal, MustSayWhenToComeAgainAndThatTheConnectionEnds) {
  Trial trial = perfect_trial();
  add_503(trial, 850ms).retry_after = false;
  add_503(trial, 860ms).told_to_leave = false;
  EXPECT_EQ(failed(trial), "LC208");
  EXPECT_THAT(finding_of(trial, "LC208").summary,
              HasSubstr("(1 without Connection: close, 1 without Retry-After)"));
}

TEST(Refusal, ThatWasUsualBeforeTheSignalSaysNothing) {
  Trial trial = perfect_trial();
  add_503(trial, -500ms);
  add_503(trial, 100ms);
  EXPECT_EQ(failed(trial), "");
  EXPECT_EQ(undecided(trial), "LC208");
}

TEST(Refusal, IsUnknownIfNobodyWasAnsweredAfterTheSignal) {
  Trial trial = perfect_trial();
  std::erase_if(trial.observations, [](const Observation& one) { return one.ended >= at(0s); });
  EXPECT_EQ(finding_of(trial, "LC208").status, Status::inconclusive);
}

}  // namespace
}  // namespace lastcall::judge
