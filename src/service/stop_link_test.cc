#include "service/stop_link.h"

#include <condition_variable>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "lastcall/testing.h"

namespace lastcall::service {
namespace {

using lastcall::testing::ManualClock;

class StopHubTest : public ::testing::Test {
 protected:
  [[nodiscard]] Time in(Duration delay) const { return clock_.now() + delay; }

  static void wait_for(const std::stop_token& token) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any stopped;
    stopped.wait(lock, token, [] { return false; });
  }

  ManualClock clock_;
  StopHub hub_{clock_};
};

TEST_F(StopHubTest, TellsOfTheDrainAndOfTheAbortByTwoTokens) {
  EXPECT_FALSE(hub_.draining().stop_requested());
  hub_.request_draining();
  EXPECT_TRUE(hub_.draining().stop_requested());
  EXPECT_FALSE(hub_.abort().stop_requested());
  hub_.request_abort();
  EXPECT_TRUE(hub_.abort().stop_requested());
}

TEST_F(StopHubTest, ALinkStopsWithTheAbortAndNotWithTheDrain) {
  const LinkedStop endless = hub_.link(Time::max());
  const LinkedStop timed = hub_.link(in(1h));
  hub_.request_draining();
  EXPECT_FALSE(endless.token().stop_requested());
  hub_.request_abort();
  EXPECT_TRUE(endless.token().stop_requested());
  EXPECT_TRUE(timed.token().stop_requested());
}

TEST_F(StopHubTest, ALinkMadeAfterTheAbortHasStopped) {
  hub_.request_abort();
  EXPECT_TRUE(hub_.link(Time::max()).token().stop_requested());
}

TEST_F(StopHubTest, ALinkWhoseDeadlineHasPassedHasStopped) {
  EXPECT_TRUE(hub_.link(clock_.now()).token().stop_requested());
}

TEST_F(StopHubTest, StopsALinkAtItsDeadlineAndNoLaterOne) {
  const LinkedStop late = hub_.link(in(3s));
  const LinkedStop early = hub_.link(in(1s));
  clock_.advance(2s);
  wait_for(early.token());
  EXPECT_FALSE(late.token().stop_requested());
  clock_.advance(1s);
  wait_for(late.token());
}

TEST_F(StopHubTest, ALinkThatIsDestroyedIsNotStopped) {
  std::stop_token token;
  {
    const LinkedStop link = hub_.link(in(1s));
    token = link.token();
  }
  const LinkedStop other = hub_.link(in(1s));
  clock_.advance(1s);
  wait_for(other.token());
  hub_.request_abort();
  EXPECT_FALSE(token.stop_requested());
}

TEST_F(StopHubTest, ACallbackMayLinkAndUnlink) {
  auto first = std::make_unique<LinkedStop>(hub_.link(Time::max()));
  auto second = std::make_unique<LinkedStop>(hub_.link(Time::max()));
  bool linked_stops = false;
  const std::stop_callback callback(first->token(), [&] {
    second.reset();
    first.reset();
    linked_stops = hub_.link(Time::max()).token().stop_requested();
  });
  hub_.request_abort();
  EXPECT_TRUE(linked_stops);
}

TEST_F(StopHubTest, StopsLinksInTheOrderOfTheirDeadlines) {
  std::vector<LinkedStop> links;
  for (const int seconds : {5, 1, 4, 2, 3, 9, 7, 8, 6}) {
    links.push_back(hub_.link(in(std::chrono::seconds(seconds))));
  }
  links.erase(links.begin() + 2);  // 4 s
  for (int second = 1; second <= 9; ++second) {
    clock_.advance(1s);
    const std::vector<int> order = {5, 1, 2, 3, 9, 7, 8, 6};
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (order[i] == second) {
        wait_for(links[i].token());
      } else if (order[i] > second) {
        EXPECT_FALSE(links[i].token().stop_requested());
      }
    }
  }
}

TEST(StopHub, MayBeOutlivedByItsLinks) {
  ManualClock clock;
  auto hub = std::make_unique<StopHub>(clock);
  const LinkedStop link = hub->link(clock.now() + 1s);
  hub.reset();
  EXPECT_FALSE(link.token().stop_requested());
}

TEST(StopHub, LosesNoLinkThatIsMadeWhileItAborts) {
  for (int round = 0; round < 50; ++round) {
    ManualClock clock;
    StopHub hub(clock);
    std::vector<LinkedStop> links;
    {
      const std::jthread linking([&] {
        while (!hub.abort().stop_requested()) {
          links.push_back(hub.link(clock.now() + 1h));
        }
        links.push_back(hub.link(Time::max()));
      });
      const std::jthread passing([&] {
        while (!hub.abort().stop_requested()) {
          const LinkedStop link = hub.link(clock.now() + 1min);
        }
      });
      hub.request_abort();
    }
    for (const LinkedStop& link : links) {
      EXPECT_TRUE(link.token().stop_requested());
    }
  }
}

}  // namespace
}  // namespace lastcall::service
