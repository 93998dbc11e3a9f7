#include "lastcall/beast/session_registry.h"

#include <functional>
#include <thread>

#include <gmock/gmock.h>

#include "base/time.h"

namespace lastcall::beast {
namespace {

using ::testing::ElementsAre;

struct TestSession final : Session {
  void begin_drain(const DrainTime& time) override {
    told = time;
    if (on_drain) {
      on_drain();
    }
  }

  void cut() override {
    was_cut = true;
    entry.release();
  }

  std::optional<DrainTime> told;
  bool was_cut = false;
  std::function<void()> on_drain;
  SessionRegistry::Entry entry;
};

std::shared_ptr<TestSession> join(SessionRegistry& registry, Pace pace = Pace::together,
                                  std::string label = {}) {
  auto session = std::make_shared<TestSession>();
  session->entry = registry.add(session, pace, std::move(label));
  return session;
}

TEST(SessionRegistry, CountsASessionFromItsEntryToItsEnd) {
  SessionRegistry registry;
  EXPECT_EQ(registry.size(), 0U);
  auto session = join(registry);
  EXPECT_EQ(registry.size(), 1U);
  SessionRegistry::Entry moved = std::move(session->entry);
  session.reset();
  EXPECT_EQ(registry.size(), 1U);
  moved.release();
  moved.release();
  EXPECT_EQ(registry.size(), 0U);
}

TEST(SessionRegistry, DrainTellsEverySessionAndReturnsWhenTheLastHasEnded) {
  SessionRegistry registry;
  const auto first = join(registry);
  const auto second = join(registry);
  first->on_drain = [&] { first->entry.release(); };
  second->on_drain = [&] { second->entry.release(); };

  const auto outcome = registry.drain({}, 10s, 1s);

  EXPECT_EQ(outcome.told, 2U);
  EXPECT_EQ(outcome.cut, 0U);
  EXPECT_EQ(first->told->idle_grace, 1s);
  EXPECT_GT(first->told->left, 8s);
  EXPECT_LE(first->told->left, 9s) << "a session is to end a little before it would be cut";
}

TEST(SessionRegistry, IdleGraceIsNoLongerThanHalfOfWhatIsLeft) {
  SessionRegistry registry;
  const auto session = join(registry);
  session->on_drain = [&] { session->entry.release(); };
  registry.drain({}, 1s, 5s);
  EXPECT_EQ(session->told->idle_grace, 500ms);
}

TEST(SessionRegistry, SessionThatComesDuringTheDrainIsToldToo) {
  SessionRegistry registry;
  const auto early = join(registry);
  std::shared_ptr<TestSession> late;
  early->on_drain = [&] {
    late = join(registry);
    late->on_drain = [&] { late->entry.release(); };
    early->entry.release();
  };
  EXPECT_EQ(registry.drain({}, 10s, 1s).told, 2U);
  EXPECT_TRUE(late->told);
}

TEST(SessionRegistry, LongLivedSessionsAreToldOneByOne) {
  SessionRegistry registry;
  std::vector<std::shared_ptr<TestSession>> sessions;
  std::vector<std::chrono::steady_clock::time_point> instants;
  for (int i = 0; i < 20; ++i) {
    sessions.push_back(join(registry, Pace::spread));
    sessions.back()->on_drain = [&instants, session = sessions.back().get()] {
      instants.push_back(std::chrono::steady_clock::now());
      session->entry.release();
    };
  }
  registry.drain({}, 300ms, 1s);
  EXPECT_EQ(instants.size(), 20U);
  EXPECT_GT(instants.back() - instants.front(), 10ms) << "spread over 100 ms";
}

TEST(SessionRegistry, WhoeverIsLeftWhenTimeIsOverIsCutAndNamed) {
  SessionRegistry registry;
  const auto named = join(registry, Pace::together, "websocket /feed");
  const auto nameless = join(registry);
  std::stop_source time_is_over;
  nameless->on_drain = [&] { time_is_over.request_stop(); };

  const auto outcome = registry.drain(time_is_over.get_token(), 10s, 1s);

  EXPECT_TRUE(named->was_cut);
  EXPECT_TRUE(nameless->was_cut);
  EXPECT_EQ(outcome.cut, 2U);
  EXPECT_THAT(outcome.labels, ElementsAre("websocket /feed"));
}

TEST(SessionRegistry, ASessionWhoseOwnerDroppedItIsNotCalled) {
  SessionRegistry registry;
  SessionRegistry::Entry entry;
  {
    const auto session = std::make_shared<TestSession>();
    entry = registry.add(session, Pace::together);
  }
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(registry.drain(stop.get_token(), 1s, 1s).cut, 1U);
}

TEST(SessionRegistry, WaitTellsNobody) {
  SessionRegistry registry;
  const auto session = join(registry);
  std::thread ends([&] { session->entry.release(); });
  registry.wait({});
  ends.join();
  EXPECT_FALSE(session->told);
  EXPECT_FALSE(session->was_cut);
}

}  // namespace
}  // namespace lastcall::beast
