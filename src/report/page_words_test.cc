#include "report/page_words.h"

#include <gtest/gtest.h>

namespace lastcall::report::page {
namespace {

TEST(PageWords, GroupsDigitsByThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(12'000), "12\u202f000");
  EXPECT_EQ(grouped(18'446'744'073'709'551'615U), "18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615");
}

TEST(PageWords, CountsInTheSingularAndThePlural) {
  EXPECT_EQ(counted(1, "trial", "trials"), "1\u00a0trial");
  EXPECT_EQ(counted(0, "trial", "trials"), "0\u00a0trials");
}

TEST(PageWords, ASpanHasTheUnitThatFitsIt) {
  EXPECT_EQ(how_long(180us), "0.2\u00a0ms");
  EXPECT_EQ(how_long(9949us), "9.9\u00a0ms");
  EXPECT_EQ(how_long(9950us), "10\u00a0ms");
  EXPECT_EQ(how_long(999'499us), "999\u00a0ms");
  EXPECT_EQ(how_long(999'500us), "1.00\u00a0s");
  EXPECT_EQ(how_long(99'994ms), "99.99\u00a0s");
  EXPECT_EQ(how_long(125s), "2\u00a0min 05\u00a0s");
}

TEST(PageWords, AnInstantIsSeenFromTheSignal) {
  EXPECT_EQ(since_signal(0s), "0");
  EXPECT_EQ(since_signal(12ms), "+12\u00a0ms");
  EXPECT_EQ(since_signal(-1500ms), "\u22121.50\u00a0s");
}

TEST(PageWords, AShareHasTwoDigitsThatMeanSomething) {
  EXPECT_EQ(percent(0.00025), "0.025\u00a0%");
  EXPECT_EQ(percent(0.079), "7.9\u00a0%");
  EXPECT_EQ(percent(0.334), "33\u00a0%");
  EXPECT_EQ(percent(1), "100\u00a0%");
  EXPECT_EQ(percent(0), "0\u00a0%");
}

TEST(PageWords, ABoundSaysHowMuchWasTried) {
  EXPECT_EQ(bound(0, 12'000), "0 of 12\u202f000: at most 0.025\u00a0% at 95\u00a0% confidence");
}

TEST(PageWords, ACommandCanBeCopiedIntoAShell) {
  EXPECT_EQ(command_line({"node", "server.js", "--port", "{port}"}), "node server.js --port {port}");
  EXPECT_EQ(command_line({"sh", "-c", "echo 'a b'; exit", ""}), R"(sh -c 'echo '\''a b'\''; exit' '')");
  EXPECT_EQ(command_line({}), "");
}

}  // namespace
}  // namespace lastcall::report::page
