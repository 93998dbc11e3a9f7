#include "report/page_words.h"

#include <gtest/gtest.h>

namespace lastcall::report::page {
namespace {

TEST(PageWords, GroupsDigitsByThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(12'000), "12\u00a0000");
  EXPECT_EQ(grouped(18'446'744'073'709'551'615U), "18\u00a0446\u00a0744\u00a0073\u00a0709\u00a0551\u00a0615");
}

TEST(PageWords, CountsInTheSingularAndThePlural) {
  EXPECT_EQ(counted(1, "trial", "trials"), "1\u00a0trial");
  EXPECT_EQ(counted(0, "trial", "trials"), "0\u00a0trials");
}

TEST(PageWords, ASpanHasTheUnitThatFitsIt) {
  EXPECT_EQ(how_long(180us), "0.2\u00a0ms");
  EXPECT_EQ(how_long(9949us), "9.9\u00a0ms");
  EXPECT_EQ(how_long(9950us), "10\u00a0ms");
  EXPECT_EQ(how_long(999ms), "999\u00a0ms");
  EXPECT_EQ(how_long(1412ms), "1.41\u00a0s");
}

TEST(PageWords, AnInstantIsSeenFromTheSignal) {
  EXPECT_EQ(since_signal(0s), "0");
  EXPECT_EQ(since_signal(12ms), "+12\u00a0ms");
  EXPECT_EQ(since_signal(-1500ms), "\u22121.50\u00a0s");
}

}  // namespace
}  // namespace lastcall::report::page
