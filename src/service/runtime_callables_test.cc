// What a service's own functions may hold and do: its log, its steps, its announcements.
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/time.h"
#include "lastcall/lastcall.h"
#include "lastcall/testing.h"

namespace lastcall {
namespace {

TEST(RuntimeCallables, ALogThatThrowsCostsOnlyItsLine) {
  auto coordinator =
      Coordinator::create({.grace = 30s,
                           .watchdog = false,
                           .handle_signals = false,
                           .log = [](std::string_view) { throw std::runtime_error("disk full"); }})
          .value();
  coordinator.shutdown("asked to");
  EXPECT_TRUE(coordinator.run().clean());
}

TEST(RuntimeCallables, ALogMayAskTheCoordinator) {
  Coordinator* asked = nullptr;
  auto coordinator =
      Coordinator::create({.grace = 30s,
                           .watchdog = false,
                           .handle_signals = false,
                           .log = [&](std::string_view) { EXPECT_NE(asked->drain_deadline(), Time::max()); }})
          .value();
  asked = &coordinator;
  coordinator.shutdown("asked to");
  EXPECT_TRUE(coordinator.run().clean());
}

TEST(RuntimeCallables, ALogThatIsReadSlowlyDoesNotHoldUpTheNextStep) {
  std::latch cleaned(1);
  auto coordinator = Coordinator::create({.grace = 30s,
                                          .watchdog = false,
                                          .handle_signals = false,
                                          .log =
                                              [&](std::string_view line) {
                                                if (line.find("step_abandoned") != std::string_view::npos) {
                                                  cleaned.wait();
                                                }
                                              }})
                         .value();
  ASSERT_TRUE(coordinator.add_async_step({.name = "jobs", .stage = Stage::work, .budget = 0s},
                                         [](const StepContext&) {}));
  ASSERT_TRUE(coordinator.add_step({.name = "logs", .stage = Stage::logs}, [&] { cleaned.count_down(); }));
  coordinator.shutdown("asked to");
  EXPECT_EQ(coordinator.run().steps().back().outcome, "done");
}

TEST(RuntimeCallables, WhatEndedWhileTheLogWasSlowEndedWhenItDid) {
  const auto clock = std::make_shared<testing::ManualClock>();
  std::latch logging(1);
  std::latch read(1);
  auto coordinator = Coordinator::create({.grace = 30s,
                                          .watchdog = false,
                                          .handle_signals = false,
                                          .log =
                                              [&](std::string_view line) {
                                                if (line.find("phase=draining") != std::string_view::npos) {
                                                  logging.count_down();
                                                  read.wait();
                                                }
                                              },
                                          .clock = clock})
                         .value();
  Permit permit = coordinator.scope("jobs").try_enter();
  coordinator.shutdown("asked to");
  auto report = std::async(std::launch::async, [&] { return coordinator.run(); });
  logging.wait();
  clock->advance(5s);
  permit.release();
  clock->advance(20s);
  read.count_down();
  EXPECT_EQ(report.get().steps().front().lasted, 5s);
}

Coordinator silent_coordinator() {
  return Coordinator::create(
             {.grace = 30s, .watchdog = false, .handle_signals = false, .log = [](std::string_view) {}})
      .value();
}

TEST(RuntimeCallables, AStepMayHoldWhatOnlyMoves) {
  Coordinator coordinator = silent_coordinator();
  auto pool = std::make_unique<int>(7);
  int closed = 0;
  ASSERT_TRUE(coordinator.add_step({.name = "db"}, [&, pool = std::move(pool)] { closed = *pool; }));
  coordinator.shutdown("asked to");
  EXPECT_TRUE(coordinator.run().clean());
  EXPECT_EQ(closed, 7);
}

TEST(RuntimeCallables, WhatAnAnnouncementHeldMayForceWhenItGoes) {
  Coordinator coordinator = silent_coordinator();
  const Permit permit = coordinator.scope("jobs").try_enter();
  std::shared_ptr<void> server(nullptr, [&](void*) { coordinator.force("the server has gone"); });
  coordinator.on_announce([last = std::move(server)] {});
  coordinator.shutdown("asked to");
  EXPECT_TRUE(coordinator.run().forced());
}

}  // namespace
}  // namespace lastcall
