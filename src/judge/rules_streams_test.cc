#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

const Finding finding_of(const Trial& trial, std::string_view clause) {
  return finding(judge_one(trial), clause);
}

// LC206

TEST(WebSocket, EndedWithoutACloseFrameIsTheOnlyThingNamed) {
  for (const Outcome outcome : {Outcome::reset, Outcome::eof, Outcome::truncated}) {
    Trial trial = perfect_trial();
    spoil(one_in_flight(trial, Kind::websocket), outcome, 5ms);
    EXPECT_EQ(failed(trial), "LC206");
    EXPECT_THAT(finding_of(trial, "LC206").summary, HasSubstr("1 of 10 WebSockets ended badly"));
  }
}

TEST(WebSocket, ClosedWithACodeThatSaysNoReasonToReconnectIsNamed) {
  Trial trial = perfect_trial();
  one_in_flight(trial, Kind::websocket).close_code = 1011;
  EXPECT_EQ(failed(trial), "LC206");
  EXPECT_THAT(finding_of(trial, "LC206").summary, HasSubstr("1 Close 1011"));
}

TEST(WebSocket, MayBeClosedWithServiceRestartOrWithARemarkNormally) {
  Trial trial = perfect_trial();
  one_in_flight(trial, Kind::websocket).close_code = 1012;
  EXPECT_EQ(failed(trial), "");
  EXPECT_TRUE(finding_of(trial, "LC206").evidence.empty());
  one_in_flight(trial, Kind::websocket).close_code = 1000;
  EXPECT_EQ(failed(trial), "");
  EXPECT_THAT(finding_of(trial, "LC206").evidence.front().what, HasSubstr("Close 1000"));
}

TEST(WebSocket, IsRemarkedUponIfAllAreSentAwayAtOnce) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::websocket)) {
      one.ended = at(10ms);
    }
  }
  EXPECT_EQ(failed(trial), "");
  EXPECT_THAT(finding_of(trial, "LC206").evidence.front().what, HasSubstr("all 10 ended within 0 ms"));
}

TEST(WebSocket, ThatHoldsTheExitUntilTheKillIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  spoil(one_in_flight(trial, Kind::websocket), Outcome::eof, 30s);
  trial.process = {.killed = true};
  trial.load_ended = at(31s);
  trial.readiness = probes(1ms, 503, 30s);
  trial.liveness = probes(1h, 0, 30s);
  EXPECT_EQ(failed(trial), "LC206");
}

TEST(WebSocket, ThatNeverStoodIsNotPassed) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::websocket)) {
      spoil(one, Outcome::wrong, 5ms);
      one.status = 200;
    }
  }
  EXPECT_EQ(failed(trial), "");
  EXPECT_EQ(undecided(trial), "LC206");
}

TEST(WebSocket, ThatTheClientEndedItselfIsNotPassed) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::websocket)) {
      one.ended = trial.load_ended;
      one.close_code = 0;
    }
  }
  EXPECT_EQ(finding_of(trial, "LC206").status, Status::inconclusive);
}

TEST(WebSocket, IsSkippedIfNotAskedFor) {
  Trial trial = perfect_trial();
  trial.flows.pop_back();
  trial.flows.pop_back();
  EXPECT_EQ(finding_of(trial, "LC206").status, Status::skipped);
  EXPECT_EQ(finding_of(trial, "LC207").status, Status::skipped);
}

// LC207

TEST(EventStream, EndedInMidEventIsTheOnlyThingNamed) {
  for (const Outcome outcome : {Outcome::reset, Outcome::truncated, Outcome::wrong}) {
    Trial trial = perfect_trial();
    spoil(one_in_flight(trial, Kind::event_stream), outcome, 20ms);
    EXPECT_EQ(failed(trial), "LC207");
    EXPECT_THAT(finding_of(trial, "LC207").summary, HasSubstr("1 of 4 event streams ended badly"));
  }
}

TEST(EventStream, MayEndWithoutARetryButIsRemarkedUpon) {
  Trial trial = perfect_trial();
  one_in_flight(trial, Kind::event_stream).retry_after = false;
  EXPECT_EQ(failed(trial), "");
  EXPECT_THAT(finding_of(trial, "LC207").evidence.front().what, HasSubstr("without a retry:"));
}

TEST(EventStream, ThatNeverStoodIsNotPassed) {
  Trial trial = perfect_trial();
  leave_out(trial, Kind::event_stream);
  for (const Duration start : {-500ms, -1ms}) {
    Observation& one = trial.observations.emplace_back(well(Kind::event_stream, start, start + 2ms));
    spoil(one, Outcome::wrong, start + 2ms);
  }
  EXPECT_EQ(failed(trial), "");
  EXPECT_EQ(undecided(trial), "LC207");
}

}  // namespace
}  // namespace lastcall::judge
