#include "report/timeline_text.h"

#include <gtest/gtest.h>

#include "report/prose.h"

namespace lastcall::report {
namespace {

using judge::Timeline;
using Bin = Timeline::Bin;

constexpr Bin kBusy = {.begun = 4, .good = 4};
constexpr Bin kHalf = {.begun = 2, .good = 2};
constexpr Bin kLost = {.begun = 1, .bad = 1};
constexpr Bin kRefused = {.begun = 1, .refused = 1};
constexpr Bin kOpen = {.in_flight = 3};

/// 100 ms a bin, two of them before the signal.
Timeline timeline(std::vector<Bin> bins) {
  return {.begin = -200ms, .bin = 100ms, .lanes = {{"lane", "", std::move(bins)}}, .marks = {}};
}

/// On an axis with a cell for each bin.
std::string drawn(const Timeline& timeline) {
  const Axis axis(timeline.begin, end_of(timeline), timeline.lanes.front().bins.size() + 2);
  return axis.draw(timeline, timeline.lanes.front(), {});
}

TEST(Timeline, ShowsHowMuchIsServedAndWhereTheSignalCame) {
  EXPECT_EQ(drawn(timeline({kBusy, kBusy, kHalf, {}, kBusy})), "██│▄ █");
}

TEST(Timeline, ShowsLossesAndRefusals) {
  EXPECT_EQ(drawn(timeline({kBusy, kBusy, kBusy, kLost, kRefused})), "██│█✗░");
}

TEST(Timeline, DrawsAConnectionThatRestsAsALineUntilItsEnd) {
  EXPECT_EQ(drawn(timeline({kOpen, kOpen, kOpen, {.good = 3}})), "──│─┤");
  EXPECT_EQ(drawn(timeline({kOpen, kOpen, kOpen, {.bad = 3}})), "──│─✗");
}

TEST(Timeline, LosesNoLossWhenManyBinsShareACell) {
  std::vector<Bin> bins(200, kBusy);
  bins[77] = kLost;
  const Timeline crowded = timeline(std::move(bins));
  const Axis axis(crowded.begin, end_of(crowded), 20);
  const std::string line = axis.draw(crowded, crowded.lanes.front(), {});
  EXPECT_LE(width(line), 20U);
  EXPECT_NE(line.find("✗"), std::string::npos);
}

TEST(Timeline, EndsWithTheLastThingThatHappens) {
  Timeline quiet = timeline({kBusy, kBusy, kBusy, {}, {}, {}, {}});
  EXPECT_EQ(end_of(quiet), 100ms);
  quiet.marks = {{250ms, "exit 0"}};
  EXPECT_EQ(end_of(quiet), 350ms);
  EXPECT_EQ(end_of({}), 1ms);
}

TEST(Axis, FitsItsColumnsWhateverTheSpan) {
  for (const Duration end : {Duration(1ns), Duration(1ms), Duration(977ms), Duration(31s), Duration(24h)}) {
    for (const std::size_t columns : {8U, 33U, 100U}) {
      const Axis axis(-1s, end, columns);
      EXPECT_LE(axis.width(), columns);
      EXPECT_LE(width(axis.ticks()), axis.width());
      const Timeline::Mark marks[] = {{0s, "SIGTERM"}, {end, "exit 0"}, {2 * end, "late"}};
      EXPECT_EQ(width(axis.pointers(marks)), axis.width());
    }
  }
}

TEST(Axis, NamesTheSignalZero) {
  EXPECT_EQ(Axis(-1s, 3s, 42).ticks(), "-1s       0          +1s       +2s");
}

TEST(Axis, PointsAtTheSignalsOwnColumn) {
  const Timeline::Mark marks[] = {{0s, "SIGTERM"}, {1s, "exit 0"}};
  const Timeline at_signal = timeline({kBusy, kBusy, kBusy});
  const Axis axis(-200ms, 100ms, 5);
  EXPECT_EQ(axis.draw(at_signal, at_signal.lanes.front(), {}), "██│█");
  EXPECT_EQ(axis.pointers(marks), "  ▾▾");
}

TEST(Timeline, ColoursOnlyOnDemand) {
  const Timeline lost = timeline({kBusy, kLost});
  EXPECT_EQ(Axis(-200ms, 1ms, 8).draw(lost, lost.lanes.front(), {}).find('\x1b'), std::string::npos);
  const TextStyle colour{.columns = 100, .colour = true};
  EXPECT_NE(Axis(-200ms, 1ms, 8).draw(lost, lost.lanes.front(), colour).find("\x1b[1;31m✗"),
            std::string::npos);
}

}  // namespace
}  // namespace lastcall::report
