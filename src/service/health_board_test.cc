#include "service/health_board.h"

#include <future>
#include <latch>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "lastcall/testing.h"

namespace lastcall::service {
namespace {

using ::testing::HasSubstr;

class HealthBoardTest : public ::testing::Test {
 protected:
  HealthBoardTest() { board_->enter(Phase::serving); }

  ~HealthBoardTest() override { EXPECT_FALSE(board_->close()); }

  void add(HealthCheck options, std::function<Result<void>()> check) {
    ASSERT_TRUE(health_.add_check(std::move(options), std::move(check)));
  }

  const std::shared_ptr<lastcall::testing::ManualClock> clock_ =
      std::make_shared<lastcall::testing::ManualClock>();
  const std::shared_ptr<HealthBoard> board_ = std::make_shared<HealthBoard>(clock_);
  Health health_{board_};
};

TEST_F(HealthBoardTest, IsReadyWhileEveryCriticalCheckPasses) {
  add({.name = "db"}, []() -> Result<void> { return {}; });
  add({.name = "mail", .critical = false}, []() -> Result<void> { return failure("refused"); });
  const HealthAnswer answer = health_.ready();
  EXPECT_TRUE(answer.healthy);
  EXPECT_EQ(answer.http_status, 200);
  ASSERT_EQ(answer.checks.size(), 2U);
  EXPECT_FALSE(answer.checks[1].healthy);
  EXPECT_THAT(answer.to_json(), HasSubstr(R"({"status":"ready","phase":"serving","checks":[{"name":"db",)"));
}

TEST_F(HealthBoardTest, SaysWhichCheckFailsAndWhyAlsoIfItThrows) {
  add({.name = "db"}, []() -> Result<void> { throw std::runtime_error("no route"); });
  const HealthAnswer answer = health_.ready();
  EXPECT_EQ(answer.http_status, 503);
  EXPECT_EQ(answer.detail, "db: no route");
}

TEST_F(HealthBoardTest, AsksAgainOnlyWhenTheLastAnswerIsTooOld) {
  int asked = 0;
  add({.name = "db", .cache = 1s}, [&]() -> Result<void> {
    ++asked;
    return {};
  });
  EXPECT_TRUE(health_.ready().healthy);
  clock_->advance(1s);
  EXPECT_TRUE(health_.ready().healthy);
  EXPECT_EQ(asked, 1);
  clock_->advance(1ns);
  EXPECT_TRUE(health_.ready().healthy);
  EXPECT_EQ(asked, 2);
}

TEST_F(HealthBoardTest, ACheckThatHangsFailsAtItsTimeoutAndIsNeverAskedTwiceAtOnce) {
  std::latch release(1);
  int asked = 0;
  add({.name = "db", .timeout = 2s}, [&]() -> Result<void> {
    ++asked;
    release.wait();
    return {};
  });
  auto answer = std::async(std::launch::async, [&] { return health_.ready(); });
  clock_->advance_to(Time{} + 2s);
  EXPECT_EQ(answer.get().detail, "db: no answer within 2s");
  EXPECT_EQ(health_.ready().detail, "db: no answer within 2s") << "at once, this time";
  EXPECT_TRUE(health_.live().healthy);
  release.count_down();
  while (!health_.ready().healthy) {  // its late answer is on its way
  }
  EXPECT_EQ(asked, 1);
}

TEST_F(HealthBoardTest, ACheckMayHaveAllTheTimeThereIs) {
  clock_->advance(1s);
  add({.name = "db", .timeout = Duration::max(), .cache = Duration::max()},
      []() -> Result<void> { return {}; });
  EXPECT_EQ(health_.ready().detail, "ready");
}

TEST_F(HealthBoardTest, RefusesASecondCheckOfTheSameName) {
  add({.name = "db"}, []() -> Result<void> { return {}; });
  EXPECT_FALSE(health_.add_check({.name = "db"}, []() -> Result<void> { return {}; }));
}

TEST_F(HealthBoardTest, AShutdownThatBeginsWhileACheckIsAskedIsTold) {
  std::latch release(1);
  add({.name = "db", .timeout = 2s}, [&]() -> Result<void> {
    release.wait();
    return {};
  });
  auto answer = std::async(std::launch::async, [&] { return health_.ready(); });
  clock_->await_wake(Time{} + 2s);
  board_->enter(Phase::draining);
  release.count_down();
  EXPECT_EQ(answer.get().detail, "shutting down");
}

TEST(HealthBoard, SaysAtTheEndThatACheckHasNotComeBack) {
  const auto clock = std::make_shared<lastcall::testing::ManualClock>();
  const auto board = std::make_shared<HealthBoard>(clock);
  const auto release = std::make_shared<std::latch>(1);
  board->enter(Phase::serving);
  ASSERT_TRUE(board->add_check({.name = "db", .timeout = 2s}, [release]() -> Result<void> {
    release->wait();
    return {};
  }));
  auto answer = std::async(std::launch::async, [&] { return board->ready(); });
  clock->advance_to(Time{} + 2s);
  EXPECT_FALSE(answer.get().healthy);
  EXPECT_TRUE(board->close());
  EXPECT_EQ(board->ready().http_status, 503) << "nothing is asked any more";
  release->count_down();
}

}  // namespace
}  // namespace lastcall::service
