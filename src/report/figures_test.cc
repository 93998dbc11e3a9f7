#include "report/figures.h"

#include <gtest/gtest.h>

namespace lastcall::report {
namespace {

TEST(Figures, GroupTheirDigits) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(12'000), "12 000");
  EXPECT_EQ(count_text(1'234'567), "1 234 567");
}

TEST(Figures, CarryTheUnitThatFits) {
  EXPECT_EQ(span_text(12ms), "12 ms");
  EXPECT_EQ(span_text(1412ms), "1.41 s");
  EXPECT_EQ(since_text(12ms), "+12 ms");
  EXPECT_EQ(since_text(-1500ms), "-1.50 s");
  EXPECT_EQ(since_text(0s), "0 ms");
}

TEST(Figures, RoundSharesUpSoThatAtMostStaysTrue) {
  EXPECT_EQ(share_text(0.0), "0.00 %");
  EXPECT_EQ(share_text(0.000249), "0.03 %");
  EXPECT_EQ(share_text(0.0003), "0.03 %");
  EXPECT_EQ(share_text(0.0000031), "0.0004 %");
  EXPECT_EQ(share_text(0.0321), "3.3 %");
  EXPECT_EQ(share_text(0.221), "23 %");
  EXPECT_EQ(share_text(1.0), "100 %");
}

TEST(Figures, SayWhatNothingBrokenProves) {
  EXPECT_EQ(bound_text(0, 12'000), "0 of 12 000: at most 0.03 %");
}

}  // namespace
}  // namespace lastcall::report
