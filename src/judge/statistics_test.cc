#include <gtest/gtest.h>

#include "judge/judge.h"

namespace lastcall::judge {
namespace {

TEST(UpperBound, IsTheRuleOfThreeWhenNothingBroke) {
  EXPECT_NEAR(upper_bound_95(0, 12'000), 0.00024961, 1e-8);
  EXPECT_NEAR(upper_bound_95(0, 1), 0.95, 1e-12);
}

// Reference values: quantiles 0.95 of Beta(broken + 1, tried - broken).
TEST(UpperBound, IsTheOneOfClopperAndPearson) {
  EXPECT_NEAR(upper_bound_95(1, 10), 0.39416, 1e-5);
  EXPECT_NEAR(upper_bound_95(5, 10), 0.77756, 1e-5);
  EXPECT_NEAR(upper_bound_95(9, 10), 0.99488, 1e-5);
  EXPECT_NEAR(upper_bound_95(3, 100), 0.07571, 1e-5);
}

TEST(UpperBound, HoldsForMillions) {
  const double bound = upper_bound_95(500'000, 1'000'000);
  EXPECT_GT(bound, 0.5);
  EXPECT_NEAR(bound, 0.5 + 1.6449 * 0.0005, 2e-6);
  EXPECT_LT(upper_bound_95(1, 4'000'000), 1.3e-6);
}

TEST(UpperBound, IsOneIfEverythingBroke) {
  EXPECT_EQ(upper_bound_95(7, 7), 1);
}

TEST(UpperBound, RisesWithEachLoss) {
  for (std::uint64_t broken = 0; broken < 200; ++broken) {
    EXPECT_LT(upper_bound_95(broken, 200), upper_bound_95(broken + 1, 200)) << broken;
  }
}

}  // namespace
}  // namespace lastcall::judge
