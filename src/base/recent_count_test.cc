#include "base/recent_count.h"

#include <gtest/gtest.h>

namespace lastcall {
namespace {

constexpr Time kStart = Time(1000s);

TEST(RecentCount, CountsWhatHappenedWithinTheLastSecond) {
  RecentCount losses;
  EXPECT_EQ(losses.count(kStart), 0U);
  losses.add(kStart);
  losses.add(kStart);
  losses.add(kStart + 500ms);
  EXPECT_EQ(losses.count(kStart + 500ms), 3U);
  EXPECT_EQ(losses.count(kStart + 1200ms), 1U);
  EXPECT_EQ(losses.count(kStart + 1h), 0U);
}

TEST(RecentCount, ForgetsWhatIsOlderHoweverMuchThereWas) {
  RecentCount losses;
  for (int i = 0; i < 100'000; ++i) {
    losses.add(kStart + i * 1ms);
  }
  const Time last = kStart + 99'999ms;
  EXPECT_GE(losses.count(last), 900U);
  EXPECT_LE(losses.count(last), 1000U);
}

}  // namespace
}  // namespace lastcall
