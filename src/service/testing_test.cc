#include "lastcall/testing.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"

namespace lastcall::testing {
namespace {

/// Waits for its instant as the library does.
std::future<Time> sleeper(ManualClock& clock, Duration until) {
  return std::async(std::launch::async, [&clock, until] {
    std::mutex mutex;
    std::condition_variable condition;
    std::unique_lock lock(mutex);
    while (clock.now() < Time{} + until) {
      clock.wait_until(lock, condition, Time{} + until);
    }
    return clock.now();
  });
}

TEST(ManualClock, MovesOnlyWhenToldTo) {
  ManualClock clock;
  EXPECT_EQ(clock.now(), Time{});
  EXPECT_EQ(clock.next_wake(), Time::max());
  clock.advance(3s);
  EXPECT_EQ(clock.now(), Time{} + 3s);
}

TEST(ManualClock, WakesWhoeverIsDueAtTheirInstantExactly) {
  ManualClock clock;
  auto late = sleeper(clock, 5s);
  auto early = sleeper(clock, 2s);
  clock.await_wake(Time{} + 5s);
  clock.advance_to(Time{} + 2s);
  EXPECT_EQ(early.get(), Time{} + 2s);
  EXPECT_EQ(clock.next_wake(), Time{} + 5s);
  clock.advance_to(Time{} + 5s);
  EXPECT_EQ(late.get(), Time{} + 5s);
}

TEST(ManualClock, LosesNoWakeUpToManyThreads) {
  ManualClock clock;
  for (int round = 1; round <= 100; ++round) {
    std::vector<std::future<Time>> sleepers;
    for (int i = 0; i < 4; ++i) {
      sleepers.push_back(sleeper(clock, std::chrono::seconds(round)));
    }
    clock.advance_to(Time{} + std::chrono::seconds(round));
    for (std::future<Time>& one : sleepers) {
      EXPECT_EQ(one.get(), Time{} + std::chrono::seconds(round));
    }
  }
}

TEST(ManualSignals, AreHeardWhileSomebodyListens) {
  ManualSignals signals;
  std::vector<int> heard;
  signals.raise(1);
  signals.start([&](int signal) { heard.push_back(signal); });
  signals.raise(2);
  signals.stop();
  signals.raise(3);
  EXPECT_EQ(heard, std::vector<int>{2});
}

}  // namespace
}  // namespace lastcall::testing
