#include "judge/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::ElementsAre;

const Timeline::Lane& lane(const Timeline& timeline, std::string_view name) {
  return *std::ranges::find(timeline.lanes, name, &Timeline::Lane::name);
}

std::size_t signal_bin(const Timeline& timeline) {
  return static_cast<std::size_t>(-timeline.begin / timeline.bin);
}

std::vector<std::string> marks(const Timeline& timeline) {
  std::vector<std::string> all;
  for (const Timeline::Mark& mark : timeline.marks) {
    all.push_back(mark.what);
  }
  return all;
}

TEST(Timeline, HasALaneForEachKindThatWasAskedForTheProbesAndTheProcess) {
  const Timeline timeline = judge_one(perfect_trial()).timeline;
  std::vector<std::string> names;
  for (const Timeline::Lane& one : timeline.lanes) {
    names.push_back(one.name);
    EXPECT_EQ(one.bins.size(), timeline.lanes.front().bins.size());
    EXPECT_LE(one.bins.size(), kMaxBins);
  }
  EXPECT_THAT(names, ElementsAre("new connections", "keep-alive", "idle connections", "silent connections",
                                 "slow requests", "uploads", "held uploads", "downloads",
                                 "pipelined requests", "100-continue", "half-sent heads", "WebSockets",
                                 "event streams", "readiness", "liveness", "process"));
}

TEST(Timeline, MarksTheSignalsWhatFollowedAndTheExit) {
  Trial trial = perfect_trial();
  trial.signals.push_back({.at = at(300ms), .number = SIGTERM});
  EXPECT_THAT(marks(judge_one(trial).timeline),
              ElementsAre("SIGTERM", "listener closed", "not ready", "SIGTERM again", "exit 0"));
  EXPECT_THAT(marks(judge_one(deaf_trial()).timeline), ElementsAre("SIGTERM", "killed after 2s"));
}

TEST(Timeline, PutsTheSignalOnTheBorderOfTwoBins) {
  const Timeline timeline = judge_one(perfect_trial()).timeline;
  EXPECT_EQ(timeline.begin % timeline.bin, 0s);
  EXPECT_LT(timeline.begin, 0s);
  const Timeline::Lane& fresh = lane(timeline, "new connections");
  EXPECT_EQ(fresh.bins[signal_bin(timeline) - 1].refused, 0);
  EXPECT_EQ(fresh.bins[signal_bin(timeline)].refused, 1);
  EXPECT_EQ(fresh.bins[signal_bin(timeline) + 1].good, 0);
}

TEST(Timeline, CountsEachAttemptWhereItBeganAndWhereItEnded) {
  Trial trial = perfect_trial();
  spoil(one_in_flight(trial, Kind::slow), Outcome::reset, 105ms);
  const Timeline timeline = judge_one(trial).timeline;
  const Timeline::Lane& slow = lane(timeline, "slow requests");
  EXPECT_EQ(slow.result, "7 ok, 1 reset");
  const std::size_t cut = signal_bin(timeline) + static_cast<std::size_t>(105ms / timeline.bin);
  EXPECT_EQ(slow.bins[signal_bin(timeline)].in_flight, 8);
  EXPECT_EQ(slow.bins[cut].bad, 1);
  EXPECT_EQ(slow.bins[cut].in_flight, 7);
  EXPECT_EQ(slow.bins.back().in_flight, 0);
  EXPECT_EQ(lane(timeline, "new connections").result, "1 ok, refused from 5 ms on");
}

TEST(Timeline, SaysWhatTheProbesAndTheProcessDid) {
  const Timeline timeline = judge_one(perfect_trial()).timeline;
  EXPECT_EQ(lane(timeline, "readiness").result, "503 from 10 ms on");
  EXPECT_EQ(lane(timeline, "liveness").result, "good to the end");
  EXPECT_EQ(lane(timeline, "process").result, "exit 0 after 1.2 s");
  EXPECT_EQ(lane(timeline, "process").bins.front().in_flight, 1);
  EXPECT_EQ(lane(timeline, "process").bins.back().in_flight, 0);
}

TEST(Timeline, KeepsItsLengthInBoundsHoweverLongTheShutdownTook) {
  for (const Duration end : {Duration(5ms), Duration(1s), Duration(90s), Duration(24h)}) {
    Trial trial = perfect_trial();
    trial.process.exited = at(end);
    const Timeline timeline = judge_one(trial).timeline;
    EXPECT_LE(timeline.lanes.front().bins.size(), kMaxBins);
    EXPECT_GE(timeline.bin * static_cast<std::int64_t>(timeline.lanes.front().bins.size()), end);
  }
}

}  // namespace
}  // namespace lastcall::judge
