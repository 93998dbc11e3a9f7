// What the log of a shutdown says, on a hand-moved clock.
#include <csignal>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "lastcall/lastcall.h"
#include "lastcall/testing.h"

namespace lastcall {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::ManualClock;
using testing::ManualSignals;

class RuntimeLog : public ::testing::Test {
 protected:
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  const std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  const std::shared_ptr<ManualSignals> signals_ = std::make_shared<ManualSignals>();
  std::mutex mutex_;
  std::vector<std::string> lines_;
  Coordinator coordinator_ = Coordinator::create({.grace = 30s,
                                                  .drain = 20s,
                                                  .cleanup = 9s,
                                                  .lame_duck = LameDuck{},
                                                  .watchdog = false,
                                                  .log =
                                                      [this](std::string_view line) {
                                                        const std::lock_guard lock(mutex_);
                                                        lines_.emplace_back(line);
                                                      },
                                                  .clock = clock_,
                                                  .signals = signals_})
                                 .value();
};

TEST_F(RuntimeLog, NamesEachStepThatIsRefusedAndWhy) {
  EXPECT_FALSE(coordinator_.add_step({.name = "database", .after = {"outbx"}}, [] {}));
  EXPECT_THAT(lines(), Contains(AllOf(HasSubstr("error step_refused step=database"), HasSubstr("outbx"))));
  EXPECT_FALSE(coordinator_.add_async_step({.name = ""}, [](const StepContext&) {}));
  ASSERT_TRUE(coordinator_.add_server({.name = "http", .drain = [](const StepContext&) {}}));
  EXPECT_FALSE(coordinator_.add_server({.name = "http", .drain = [](const StepContext&) {}}));
  EXPECT_THAT(lines(), Contains(HasSubstr("step_refused step=http")));
  EXPECT_EQ(lines().size(), 3);
}

}  // namespace
}  // namespace lastcall
