#include "net/syn_pressure.h"

#include <gtest/gtest.h>

namespace lastcall::net {
namespace {

constexpr Time kStart{1h};

TEST(SynPressure, IsUnseenBeforeTwoSamples) {
  SynPressure pressure;
  EXPECT_FALSE(pressure.seen_lately(kStart));
  pressure.sample(4711, kStart);
  EXPECT_FALSE(pressure.seen_lately(kStart));
}

TEST(SynPressure, IsUnseenWhileTheCounterStands) {
  SynPressure pressure;
  pressure.sample(4711, kStart);
  pressure.sample(4711, kStart + 5s);
  EXPECT_FALSE(pressure.seen_lately(kStart + 5s));
}

TEST(SynPressure, IsSeenForAMinuteAfterTheCounterGrew) {
  SynPressure pressure;
  pressure.sample(0, kStart);
  pressure.sample(1, kStart + 5s);
  pressure.sample(1, kStart + 10s);
  EXPECT_TRUE(pressure.seen_lately(kStart + 65s));
  EXPECT_FALSE(pressure.seen_lately(kStart + 65s + 1ns));
}

TEST(SynPressure, IgnoresACounterThatCannotBeRead) {
  SynPressure pressure;
  pressure.sample(-2, kStart);
  pressure.sample(7, kStart + 1s);
  pressure.sample(-2, kStart + 2s);
  EXPECT_FALSE(pressure.seen_lately(kStart + 2s));
  pressure.sample(8, kStart + 3s);
  EXPECT_TRUE(pressure.seen_lately(kStart + 3s));
}

}  // namespace
}  // namespace lastcall::net
