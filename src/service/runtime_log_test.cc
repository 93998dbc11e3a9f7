// What the log of a shutdown says, on a hand-moved clock.
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <stdexcept>
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
using ::testing::Not;

class RuntimeLog : public ::testing::Test {
 protected:
  /// From SIGTERM to the end of run(), with no need to move the clock.
  DrainReport shut_down() {
    coordinator_.started();
    signals_->raise(SIGTERM);
    return coordinator_.run();
  }

  /// Once there is one with that.
  std::string await_line(std::string_view text) {
    std::unique_lock lock(mutex_);
    while (true) {
      for (const std::string& line : lines_) {
        if (line.find(text) != std::string::npos) {
          return line;
        }
      }
      added_.wait(lock);
    }
  }

  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  const std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  const std::shared_ptr<ManualSignals> signals_ = std::make_shared<ManualSignals>();
  std::mutex mutex_;
  std::condition_variable added_;
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
                                                        added_.notify_all();
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

TEST_F(RuntimeLog, NamesEachStepThatFailedAndWhy) {
  ASSERT_TRUE(coordinator_.add_step({.name = "refuses"}, []() -> Result<void> { return failure("busy"); }));
  ASSERT_TRUE(coordinator_.add_step({.name = "throws"}, [] { throw std::runtime_error("no route"); }));
  ASSERT_TRUE(coordinator_.add_step({.name = "ends"}, [] {}));
  EXPECT_FALSE(shut_down().clean());
  EXPECT_THAT(lines(), Contains(HasSubstr("warn  step_failed step=refuses reason=busy")));
  EXPECT_THAT(lines(), Contains(HasSubstr("warn  step_failed step=throws reason=\"no route\"")));
  EXPECT_THAT(lines(), Not(Contains(HasSubstr("step=ends"))));
}

TEST_F(RuntimeLog, TellsTheGracePeriodAndWhereItCameFrom) {
  EXPECT_TRUE(shut_down().clean());
  EXPECT_THAT(lines(), Contains(HasSubstr("drain_begin cause=SIGTERM drain_ms=20000 deadline_ms=29000 "
                                          "grace_ms=30000 grace_from=Options::grace\n")));
}

TEST_F(RuntimeLog, TellsOfASignalDuringStartUpAtOnce) {
  signals_->raise(SIGTERM);
  EXPECT_THAT(await_line("shutdown_requested"), HasSubstr("cause=SIGTERM waits_for=run()"));
  EXPECT_THAT(lines(), Not(Contains(HasSubstr("drain_begin"))));
  EXPECT_TRUE(coordinator_.run().clean());
  EXPECT_THAT(lines(), Contains(HasSubstr("drain_begin cause=SIGTERM")));
}

TEST_F(RuntimeLog, NamesAFewOfThePiecesOfWorkThatWereCut) {
  std::vector<Permit> orders;
  for (const char* label : {"GET /1", "GET /2", "GET /3", "GET /4", ""}) {
    orders.push_back(coordinator_.scope("orders").try_enter(label));
    clock_->advance(1s);
  }
  const Permit mail = coordinator_.scope("mails").try_enter();
  coordinator_.force("test");
  EXPECT_EQ(coordinator_.run().cut().size(), 4);
  EXPECT_THAT(lines(), Contains(HasSubstr("work_cut scope=orders left=5 oldest=\"GET /1 (5s), GET /2 (4s), "
                                          "GET /3 (3s)\"\n")));
  EXPECT_THAT(lines(), Contains(HasSubstr("work_cut scope=mails left=1 oldest=")));
  EXPECT_THAT(lines(), Contains(HasSubstr("cut=6 steps_failed=0 steps_abandoned=0")));
}

}  // namespace
}  // namespace lastcall
