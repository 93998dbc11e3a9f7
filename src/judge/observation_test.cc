#include "judge/observation.h"

#include <vector>

#include <gtest/gtest.h>

namespace lastcall::judge {
namespace {

constexpr Time at(Duration since_start) {
  return Time{} + 1h + since_start;
}

Observation seen(std::uint32_t flow, Outcome outcome, Duration started, Duration ended) {
  return {
      .flow = flow, .outcome = outcome, .intended = at(started), .started = at(started), .ended = at(ended)};
}

TEST(Tally, CountsEachOutcomeThatEndedFromAnInstantOn) {
  const std::vector<Observation> all = {seen(0, Outcome::ok, 0s, 1s), seen(0, Outcome::eof, 1s, 2s),
                                        seen(1, Outcome::ok, 1s, 3s)};
  const Tally late = tally(all, at(2s));
  EXPECT_EQ(late[Outcome::ok], 1);
  EXPECT_EQ(late[Outcome::eof], 1);
  EXPECT_EQ(tally(all, at(0s), 1).attempts(), 1);
}

TEST(Tally, ARefusalIsNoLossAndWhatWasNeverTriedIsNoAttempt) {
  Tally all;
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    all.add(static_cast<Outcome>(i));
  }
  EXPECT_EQ(all.attempts(), kOutcomes - 1);
  EXPECT_EQ(all.lost(), kOutcomes - 3);
}

TEST(Observations, AreInFlightFromTheirStartUntilTheirEnd) {
  const std::vector<Observation> all = {seen(0, Outcome::ok, 0s, 1s), seen(0, Outcome::ok, 1s, 2s),
                                        seen(0, Outcome::ok, 2s, 3s), seen(1, Outcome::ok, 0s, 9s)};
  EXPECT_EQ(in_flight(all, 0, at(1500ms)), 1);
  EXPECT_EQ(in_flight(all, 0, at(1s)), 1);
  EXPECT_EQ(in_flight(all, 1, at(5s)), 1);
  EXPECT_EQ(in_flight(all, 0, at(5s)), 0);
}

TEST(Observations, SayHowLateTheClientItselfWas) {
  std::vector<Observation> all(100, seen(0, Outcome::ok, 1s, 2s));
  all[40].started += 7ms;
  all[41].started += 3ms;
  EXPECT_EQ(lag(all).max, 7ms);
  EXPECT_EQ(lag(all).p99, 3ms);
  EXPECT_EQ(lag({}).max, 0s);
  all[42].intended += 1s;
  all[42].started += 1s + 2ms;
  EXPECT_EQ(lag(all, all[42].intended).max, 2ms) << "of what was due from then on";
}

}  // namespace
}  // namespace lastcall::judge
