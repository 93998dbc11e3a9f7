#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

const Finding finding_of(const Trial& trial, std::string_view clause) {
  return finding(judge_one(trial), clause);
}

// LC203

TEST(Farewell, NotSaidAfterTheListenerClosedIsTheOnlyThingNamed) {
  for (const Kind kind : {Kind::slow, Kind::upload, Kind::download, Kind::expect_continue}) {
    Trial trial = perfect_trial();
    Observation& one = one_in_flight(trial, kind);
    one.answered = one.ended;
    one.told_to_leave = false;
    EXPECT_EQ(failed(trial), "LC203") << to_string(kind);
  }
}

TEST(Farewell, NeedNotBeInAHeadThatWasWrittenBefore) {
  Trial trial = perfect_trial();
  Observation& one = one_in_flight(trial, Kind::download);
  one.answered = at(-100ms);
  one.told_to_leave = false;
  EXPECT_EQ(failed(trial), "");
}

TEST(Farewell, MayWaitUntilTheListenerCloses) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::keep_alive)) {
      one.told_to_leave = false;
    }
    if (one.outcome == Outcome::refused && one.started < at(700ms)) {
      one = well(Kind::fresh, one.started - at(0s), one.ended - at(0s));
    }
  }
  for (Observation& one : trial.observations) {
    one.told_to_leave = one.told_to_leave && one.answered > at(700ms);
  }
  EXPECT_EQ(failed(trial), "");
}

TEST(Farewell, OnceSaidMustBeSaidToAll) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.outcome == Outcome::refused && one.started < at(700ms)) {
      one = well(Kind::fresh, one.started - at(0s), one.ended - at(0s));
    }
  }
  one_in_flight(trial, Kind::upload).told_to_leave = false;
  EXPECT_EQ(failed(trial), "LC203");
}

Trial with_departures(Duration unused, bool told) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::keep_alive) && one.told_to_leave) {
      one.told_to_leave = false;
      trial.departures.push_back({.flow = one.flow,
                                  .at = one.ended + unused,
                                  .last_used = one.ended,
                                  .answered = 20,
                                  .told_to_leave = told});
    }
  }
  return trial;
}

TEST(KeptConnection, ClosedInMidUseWithoutAWordIsTheOnlyThingNamed) {
  EXPECT_EQ(failed(with_departures(10ms, false)), "LC203");
  const Finding found = finding_of(with_departures(10ms, false), "LC203");
  EXPECT_EQ(found.broken, 10);
  EXPECT_THAT(found.summary, HasSubstr("10 closed in mid-use without a word"));
  EXPECT_THAT(found.evidence.front().what, HasSubstr("closed by FIN 10 ms after its last response"));
}

TEST(KeptConnection, MayBeClosedOnceItWasToldOrIsUnused) {
  EXPECT_EQ(failed(with_departures(10ms, true)), "");
  EXPECT_EQ(failed(with_departures(1100ms, false)), "");
}

TEST(KeptConnection, ClosedUnderARequestIsTheOnlyThingNamed) {
  for (const Outcome outcome : {Outcome::reset, Outcome::eof}) {
    Trial trial = perfect_trial();
    for (Observation& one : trial.observations) {
      if (one.told_to_leave && one.flow == flow_of(Kind::keep_alive)) {
        spoil(one, outcome, one.ended - at(0s));
      }
    }
    EXPECT_EQ(failed(trial), "LC203");
  }
}

TEST(KeptConnection, ResetWithinAResponseIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  spoil(one_in_flight(trial, Kind::pipelined), Outcome::truncated, 100ms, ECONNRESET);
  trial.process.exit_status = 1;
  EXPECT_EQ(failed(trial), "LC203");
  EXPECT_THAT(finding_of(trial, "LC203").summary, HasSubstr("1 reset within the response"));
}

TEST(KeptConnection, ThatWentDownWithWorkIsNotNamedBesides) {
  Trial trial = with_departures(0ms, false);
  for (Departure& one : trial.departures) {
    one.at = at(100ms);
    one.last_used = at(80ms);
  }
  spoil(one_in_flight(trial, Kind::slow), Outcome::reset, 110ms);
  trial.process.exit_status = 1;
  EXPECT_EQ(failed(trial), "LC202");
  EXPECT_EQ(undecided(trial), "LC203");
}

TEST(KeptConnection, IsUnknownIfNoneWasBusy) {
  Trial trial = perfect_trial();
  for (const Kind kind : {Kind::keep_alive, Kind::slow, Kind::upload, Kind::held_upload, Kind::download,
                          Kind::expect_continue}) {
    leave_out(trial, kind);
  }
  EXPECT_EQ(finding_of(trial, "LC203").status, Status::inconclusive);
}

// LC204

TEST(UnusedConnection, EndedByAResetIsTheOnlyThingNamed) {
  for (const Kind kind : {Kind::idle, Kind::silent}) {
    Trial trial = perfect_trial();
    spoil(one_in_flight(trial, kind), Outcome::reset, 500ms);
    EXPECT_EQ(failed(trial), "LC204");
    EXPECT_THAT(finding_of(trial, "LC204").evidence.front().what, HasSubstr("ended by a reset"));
  }
}

TEST(UnusedConnection, MayBeClosedAtOnce) {
  Trial trial = perfect_trial();
  for (Observation& one : trial.observations) {
    if (one.flow == flow_of(Kind::idle) || one.flow == flow_of(Kind::silent)) {
      one.ended = at(1ms);
    }
  }
  EXPECT_EQ(failed(trial), "");
}

/// Unused connections last so long, and the exit comes with their end.
Trial held_until(Duration end) {
  Trial trial = perfect_trial();
  one_in_flight(trial, Kind::idle).ended = at(end);
  trial.process.exited = at(end);
  trial.readiness = probes(1ms, 503, end);
  trial.liveness = probes(1h, 0, end);
  trial.load_ended = at(end + 300ms);
  return trial;
}

TEST(UnusedConnection, ThatHoldsTheExitIsTheOnlyThingNamed) {
  EXPECT_EQ(failed(held_until(9s)), "LC204");
  EXPECT_THAT(finding_of(held_until(9s), "LC204").summary,
              HasSubstr("it waited 8.2 s for unused connections"));
  EXPECT_EQ(failed(held_until(7s)), "");
}

TEST(UnusedConnection, ThatHoldsTheExitUntilTheKillIsTheOnlyThingNamed) {
  Trial trial = held_until(30s);
  trial.process = {.killed = true};
  EXPECT_EQ(failed(trial), "LC204");
  EXPECT_THAT(undecided(trial), HasSubstr("LC301"));
}

TEST(HalfSentHead, DroppedWithoutAnAnswerIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  Observation& one = one_in_flight(trial, Kind::half_head);
  spoil(one, Outcome::eof, 100ms);
  one.sent = 50;
  EXPECT_EQ(failed(trial), "LC204");
}

TEST(HalfSentHead, CompletedAndDroppedLaterIsNamedToo) {
  Trial trial = perfect_trial();
  spoil(one_in_flight(trial, Kind::half_head), Outcome::reset, 1100ms);
  EXPECT_EQ(failed(trial), "LC204");
}

TEST(HalfSentHead, MayBeAnsweredWith408OrDroppedAfterTheHeaderTimeout) {
  Trial trial = perfect_trial();
  Observation& answered = one_in_flight(trial, Kind::half_head);
  spoil(answered, Outcome::wrong, 100ms);
  answered.status = 408;
  Observation& dropped = one_in_flight(trial, Kind::half_head, 200ms);
  spoil(dropped, Outcome::eof, 1100ms);
  dropped.sent = 50;
  EXPECT_EQ(failed(trial), "");
}

TEST(UnusedConnection, IsUnknownIfNoneWasOpen) {
  Trial trial = perfect_trial();
  for (const Kind kind : {Kind::idle, Kind::silent, Kind::half_head}) {
    leave_out(trial, kind);
  }
  EXPECT_EQ(undecided(trial), "LC204");
}

}  // namespace
}  // namespace lastcall::judge
