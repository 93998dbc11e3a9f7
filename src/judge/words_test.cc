#include "judge/words.h"

#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

TEST(Words, TellADurationInItsOwnUnit) {
  EXPECT_EQ(told(0ns), "0 ms");
  EXPECT_EQ(told(420us), "0.4 ms");
  EXPECT_EQ(told(9960us), "10 ms");
  EXPECT_EQ(told(12ms), "12 ms");
  EXPECT_EQ(told(999600us), "1 s");
  EXPECT_EQ(told(1400ms), "1.4 s");
  EXPECT_EQ(told(30s), "30 s");
}

TEST(Words, NameTheErrnosThatClientsSee) {
  EXPECT_EQ(errno_name(ECONNRESET), "ECONNRESET");
  EXPECT_EQ(errno_name(EPIPE), "EPIPE");
  EXPECT_EQ(errno_name(9999), "errno 9999");
}

TEST(Words, TellHowAnAttemptEnded) {
  const Flow slow{.name = "slow", .kind = Kind::slow, .path = "/reports"};
  Observation one = well(Kind::slow, 0ms, 120ms);
  spoil(one, Outcome::timeout, 120ms);
  EXPECT_EQ(told(one, slow), "slow /reports: given up after 120 ms, no byte of the response");
  one = well(Kind::slow, 0ms, 120ms);
  spoil(one, Outcome::server_error, 120ms);
  EXPECT_EQ(told(one, slow), "slow /reports: answered 500 after 120 ms, 200 bytes of the response");
  one = well(Kind::slow, 0ms, 120ms);
  spoil(one, Outcome::reset, 120ms);
  one.connected = Time::max();
  EXPECT_EQ(told(one, slow), "slow /reports: connect() was reset after 120 ms (ECONNRESET)");
}

TEST(Words, TellHowTheProcessEnded) {
  Trial trial = perfect_trial();
  EXPECT_EQ(told_exit(trial), "exit 0");
  trial.process = {.exited = at(1s), .died_of = SIGTERM};
  EXPECT_EQ(told_exit(trial), "died of SIGTERM");
  trial.process = {.killed = true};
  EXPECT_EQ(told_exit(trial), "killed after 30s");
  trial.process = {.ours = false};
  EXPECT_EQ(told_exit(trial), "still running");
  trial.process = {.ours = false, .exited = at(1s)};
  EXPECT_EQ(told_exit(trial), "exited");
}

}  // namespace
}  // namespace lastcall::judge
