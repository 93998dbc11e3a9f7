// Whole shutdowns on a hand-moved clock, with real threads.
#include <csignal>
#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "lastcall/lastcall.h"
#include "lastcall/testing.h"
#include "service/test_service.h"

namespace lastcall {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Runtime, RunsStagesInTheirOrderWhateverTheOrderOfRegistration) {
  Service service;
  Order order;
  ASSERT_TRUE(service->add_step({.name = "logs", .stage = Stage::logs}, order.says("logs")));
  ASSERT_TRUE(service->add_step({.name = "db", .stage = Stage::databases}, order.says("db")));
  ASSERT_TRUE(service->add_step({.name = "intake", .stage = Stage::intake}, order.says("intake")));
  ASSERT_TRUE(service->add_step({.name = "queue", .stage = Stage::consumers}, order.says("queue")));
  service.run_and_raise();
  const DrainReport report = service.report();
  EXPECT_THAT(order.names(), ElementsAre("intake", "queue", "db", "logs"));
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.exit_code(), 0);
  EXPECT_EQ(report.cause(), "SIGTERM");
}

TEST(Runtime, RunsStepsOfOneStageAtTheSameTime) {
  Service service;
  std::latch both(2);
  ASSERT_TRUE(service->add_step({.name = "one"}, [&] { both.arrive_and_wait(); }));
  ASSERT_TRUE(service->add_step({.name = "other"}, [&] { both.arrive_and_wait(); }));
  service.run_and_raise();
  EXPECT_TRUE(service.report().clean());
}

TEST(Runtime, RunsAStepAfterThoseThatItFollows) {
  Service service;
  Order order;
  ASSERT_TRUE(service->add_step({.name = "pool"}, order.says("pool")));
  ASSERT_TRUE(service->add_step({.name = "driver", .after = {"pool"}}, order.says("driver")));
  service.run_and_raise();
  EXPECT_TRUE(service.report().clean());
  EXPECT_THAT(order.names(), ElementsAre("pool", "driver"));
}

TEST(Runtime, AStepThatThrowsOrFailsReleasesThoseAfterIt) {
  Service service;
  ASSERT_TRUE(service->add_step({.name = "throws"}, [] { throw std::runtime_error("no route"); }));
  ASSERT_TRUE(service->add_step({.name = "fails", .after = {"throws"}},
                                []() -> Result<void> { return failure("refused"); }));
  ASSERT_TRUE(service->add_step({.name = "logs", .stage = Stage::logs, .after = {"fails"}}, [] {}));
  service.run_and_raise();
  const DrainReport report = service.report();
  EXPECT_THAT(outcomes(report), ElementsAre("throws failed: no route", "fails failed: refused", "logs done"));
  EXPECT_EQ(report.exit_code(), 1);
}

TEST(Runtime, AStepThatHangsIsAbandonedAtItsBudgetAndOnlyThoseAfterItAreSkipped) {
  Service service;
  Hang hang;
  ASSERT_TRUE(service->add_step({.name = "db", .budget = 3s}, hang.step()));
  ASSERT_TRUE(service->add_step({.name = "driver", .after = {"db"}}, [] {}));
  ASSERT_TRUE(service->add_step({.name = "files", .stage = Stage::files}, [] {}));
  service.run_and_raise();
  service.advance_to(3s);
  service.advance_to(3s + 500ms);
  const DrainReport report = service.report();
  EXPECT_THAT(outcomes(report),
              ElementsAre("db abandoned: step budget",
                          "driver skipped: \"db\" was abandoned and may still use it", "files done"));
  EXPECT_EQ(report.took(), 3s + 500ms);
  EXPECT_EQ(report.exit_code(), 1);
  hang.let_go();
}

TEST(Runtime, AnIntakeThatHangsLeavesHalfOfTheDrainToWhatIsInFlight) {
  Service service;
  Hang hang;
  ASSERT_TRUE(service->add_step({.name = "pause", .stage = Stage::intake}, hang.step()));
  ASSERT_TRUE(service->add_step({.name = "connections", .stage = Stage::connections}, [] {}));
  service.run_and_raise();
  service.advance_to(kDrain / 2);
  const DrainReport report = service.report();
  EXPECT_THAT(outcomes(report), ElementsAre("pause abandoned: step budget", "connections done"));
  hang.let_go();
}

TEST(Runtime, AnAbandonedStepIsAskedToStopAndAwaitedForAMoment) {
  Service service;
  ASSERT_TRUE(service->add_step({.name = "db", .budget = 3s}, until_told));
  service.run_and_raise();
  service.advance_to(3s);
  const DrainReport report = service.report();
  EXPECT_THAT(outcomes(report), ElementsAre("db abandoned: step budget"));
  EXPECT_EQ(report.took(), 3s);
}

TEST(Runtime, AStepIsToldItsDeadlineAndItsNotesAreKept) {
  Service service;
  Duration remaining{};
  ASSERT_TRUE(service->add_step({.name = "db", .budget = 3s}, [&](const StepContext& context) {
    remaining = context.remaining();
    context.note("2 transactions rolled back");
    context.note("pool closed");
  }));
  service.run_and_raise();
  const DrainReport report = service.report();
  EXPECT_EQ(remaining, 3s);
  EXPECT_THAT(outcomes(report), ElementsAre("db done: 2 transactions rolled back; pool closed"));
  EXPECT_TRUE(report.clean());
}

TEST(Runtime, WhatAStepLostMakesTheShutdownUnclean) {
  Service service;
  ASSERT_TRUE(
      service->add_step({.name = "outbox"}, [](const StepContext& context) { context.lost("1 mail"); }));
  service.run_and_raise();
  const DrainReport report = service.report();
  EXPECT_THAT(outcomes(report), ElementsAre("outbox done: lost: 1 mail"));
  EXPECT_EQ(report.exit_code(), 1);
}

TEST(Runtime, AnAsynchronousStepEndsWhenItSaysSo) {
  Service service;
  std::promise<StepContext> begun;
  ASSERT_TRUE(
      service->add_async_step({.name = "one"}, [&](StepContext context) { begun.set_value(context); }));
  ASSERT_TRUE(service->add_async_step({.name = "other"}, [](StepContext context) { context.fail("gone"); }));
  service.run_and_raise();
  const StepContext context = begun.get_future().get();
  context.done();
  context.fail("too late to say");
  EXPECT_THAT(outcomes(service.report()), ElementsAre("one done", "other failed: gone"));
}

TEST(Runtime, WaitsForWorkInFlightAndRefusesNewWork) {
  Service service;
  WorkScope& jobs = service->scope("jobs");
  Permit permit = jobs.try_enter("mail");
  ASSERT_TRUE(permit);
  service.run_and_raise();
  service.clock().await_wake(Time{} + kAbort);
  EXPECT_FALSE(jobs.try_enter());
  permit.release();
  const DrainReport report = service.report();
  ASSERT_EQ(report.scopes().size(), 1U);
  const ScopeResult scope = report.scopes().front();
  EXPECT_EQ(scope.name, "jobs");
  EXPECT_EQ(scope.at_signal, 1U);
  EXPECT_EQ(scope.finished, 1U);
  EXPECT_EQ(scope.refused, 1U);
  EXPECT_EQ(scope.cut, 0U);
  EXPECT_TRUE(report.clean());
}

TEST(Runtime, TellsWorkToUnwindThoughACallbackOfTheDrainingTokenBlocks) {
  Service service;
  std::promise<void> aborted;
  const std::stop_callback unwind(service->abort_token(), [&] { aborted.set_value(); });
  const std::stop_callback blocks(service->draining_token(), [&] { aborted.get_future().wait(); });
  const Permit permit = service->scope("jobs").try_enter("export");
  service.run_and_raise();
  service.advance_to(kAbort);
  service.advance_to(kDrain);
  EXPECT_FALSE(service.report().clean());
}

TEST(Runtime, TellsWorkToUnwindAndCutsWhatIsLeftAtTheDrainDeadlineExactly) {
  Service service;
  const Permit permit = service->scope("jobs").try_enter("export");
  std::promise<void> aborted;
  const std::stop_callback unwind(service->abort_token(), [&] { aborted.set_value(); });
  service.run_and_raise();
  service.advance_to(kAbort);
  aborted.get_future().wait();
  service.advance_to(kDrain);
  const DrainReport report = service.report();
  EXPECT_EQ(report.took(), kDrain);
  ASSERT_EQ(report.cut().size(), 1U);
  EXPECT_EQ(report.cut().front().label, "export");
  EXPECT_EQ(report.cut().front().age, kDrain);
  EXPECT_EQ(report.scopes().front().cut, 1U);
  EXPECT_EQ(report.exit_code(), 1);
}

TEST(Runtime, WhatIsCutAndEndsAfterwardsHasNotFinished) {
  Service service;
  Permit cut = service->scope("jobs").try_enter("export");
  Permit ends = service->scope("jobs").try_enter("mail");
  ASSERT_TRUE(service->add_step({.name = "db"}, [&] { cut.release(); }));
  service.run_and_raise();
  service.clock().await_wake(Time{} + kAbort);
  ends.release();
  service.advance_to(kAbort);
  service.advance_to(kDrain);
  const ScopeResult scope = service.report().scopes().front();
  EXPECT_EQ(scope.at_signal, 2U);
  EXPECT_EQ(scope.cut, 1U);
  EXPECT_EQ(scope.finished, 1U);
}

TEST(Runtime, AsksTheDrainingTokenToStopAtOnceAndTheAbortTokenNotAtAllInACleanShutdown) {
  Service service;
  std::promise<void> told;
  const std::stop_callback draining(service->draining_token(), [&] { told.set_value(); });
  service.run_and_raise();
  told.get_future().wait();
  EXPECT_TRUE(service.report().clean());
  EXPECT_FALSE(service->abort_token().stop_requested());
}

TEST(Runtime, ARepeatedSigtermChangesNothingAndASecondSigintForces) {
  Service service;
  Hang hang;
  ASSERT_TRUE(service->add_step({.name = "db"}, hang.step()));
  ASSERT_TRUE(service->add_step({.name = "files", .stage = Stage::files}, [] {}));
  service.run_and_raise();
  service.raise(SIGTERM);
  service.raise(SIGINT);
  service.clock().await_wake(Time{} + 14500ms);
  service.raise(SIGINT);
  service.advance_to(500ms);
  const DrainReport report = service.report();
  EXPECT_TRUE(report.forced());
  EXPECT_THAT(outcomes(report), ElementsAre("db abandoned: forced", "files skipped: forced"));
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_THAT(report.to_json(), HasSubstr("second SIGINT"));
  hang.let_go();
}

TEST(Runtime, SigquitForcesOnlyAShutdownThatIsUnderWay) {
  Service service;
  Permit permit = service->scope("jobs").try_enter();
  service->started();
  service.run();
  service.raise(SIGQUIT);
  service.clock().await_wake(Time{} + kAbort);
  service.raise(SIGQUIT);
  const DrainReport report = service.report();
  EXPECT_EQ(report.cause(), "SIGQUIT");
  EXPECT_TRUE(report.forced());
  EXPECT_EQ(report.took(), 0s);
}

TEST(Runtime, LogsAreFlushedEvenWhenForced) {
  Service service;
  Order order;
  ASSERT_TRUE(service->add_step({.name = "db"}, until_told));
  ASSERT_TRUE(service->add_step({.name = "logs", .stage = Stage::logs}, order.says("flushed")));
  service.run_and_raise();
  service.clock().await_wake(Time{} + 14500ms);
  service->force("enough");
  EXPECT_THAT(outcomes(service.report()), ElementsAre("db abandoned: forced", "logs done"));
  EXPECT_THAT(order.names(), ElementsAre("flushed"));
}

TEST(Runtime, ASignalDuringStartUpIsKeptForRun) {
  Service service({.min = 3s, .quiet = 2s, .max = 8s});
  EXPECT_EQ(service->phase(), Phase::starting);
  service.raise(SIGTERM);
  EXPECT_TRUE(service->is_shutting_down());
  EXPECT_FALSE(service->health().ready().healthy);
  EXPECT_EQ(service->drain_deadline(), Time{} + kDrain);
  service.clock().advance(2s);
  ASSERT_TRUE(service->add_step({.name = "db"}, [] {})) << "what was begun must be ended, too";
  service.run();
  const DrainReport report = service.report();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.took(), 2s) << "since the signal, without a lame duck";
  EXPECT_EQ(report.steps().front().began, 2s);
}

TEST(Runtime, TheLameDuckAnnouncesAndEndsWhenNobodyHasRedialled) {
  Service service({.min = 3s, .quiet = 2s, .max = 8s});
  std::promise<void> announced;
  service->on_announce([&] { announced.set_value(); });
  service.run_and_raise();
  EXPECT_EQ(service->phase(), Phase::lame_duck);
  service.advance_to(3s);
  announced.get_future().wait();
  EXPECT_TRUE(service->announced());
  service.clock().await_wake(Time{} + 5s);
  service.clock().advance(1s);
  service->redialled();
  service.clock().await_wake(Time{} + 6s);
  service.clock().advance(1s);
  service->redialled();
  service.advance_to(7s);
  EXPECT_EQ(service.report().took(), 7s);
}

TEST(Runtime, WhoComesAfterTheAnnouncementIsToldAtOnce) {
  Service service;
  service.run_and_raise();
  EXPECT_TRUE(service.report().clean());
  bool told = false;
  service->on_announce([&] { told = true; });
  EXPECT_TRUE(told);
}

TEST(Runtime, AServerIsClosedThenDrained) {
  Service service;
  Order order;
  std::promise<void> announced;
  const auto says = [&](const char* what) {
    return [say = order.says(what)](const StepContext&) mutable { say(); };
  };
  ASSERT_TRUE(service->add_server({.name = "http",
                                   .announce = [&] { announced.set_value(); },
                                   .close_listener = says("closed"),
                                   .drain = says("drained")}));
  const Result<void> second = service->add_server({.name = "http", .drain = says("drained")});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what, "there is a server \"http\" already");
  EXPECT_THAT(second.error().fix, HasSubstr("ServerOptions::name"));
  service.run_and_raise();
  EXPECT_THAT(outcomes(service.report()), ElementsAre("http listener done", "http connections done"));
  EXPECT_THAT(order.names(), ElementsAre("closed", "drained"));
  announced.get_future().wait();
}

TEST(Runtime, AHandlerMayBeginTheShutdownAndNeverWaitsForIt) {
  Service service;
  WorkScope& requests = service->scope("requests");
  service->started();
  service.run();
  std::thread handler([&] {
    const Permit permit = requests.try_enter("POST /stop");
    service->shutdown("asked to");
    EXPECT_TRUE(service->is_shutting_down());
  });
  handler.join();
  const DrainReport report = service.report();
  EXPECT_EQ(report.cause(), "asked to");
  EXPECT_TRUE(report.clean());
}

TEST(Runtime, RefusesStepsOnceTheShutdownRuns) {
  Service service;
  Result<void> late;
  ASSERT_TRUE(
      service->add_step({.name = "first"}, [&] { late = service->add_step({.name = "late"}, [] {}); }));
  service.run_and_raise();
  EXPECT_THAT(outcomes(service.report()), ElementsAre("first done"));
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().what, HasSubstr("comes too late"));
  EXPECT_FALSE(service->scope("new").try_enter());
}

TEST(Runtime, RefusesStepsThatCannotBeOrdered) {
  Service service;
  ASSERT_TRUE(service->add_step({.name = "db"}, [] {}));
  EXPECT_FALSE(service->add_step({.name = "db"}, [] {}));
  EXPECT_FALSE(service->add_step({.name = "self", .after = {"self"}}, [] {}));
  EXPECT_FALSE(service->add_step({.name = "early", .stage = Stage::caches, .after = {"db"}}, [] {}));
  EXPECT_TRUE(service->add_step({.name = "late", .stage = Stage::logs, .after = {"db"}}, [] {}));
}

TEST(Runtime, WarnsOfBudgetsThatAddUpToMoreThanThereIs) {
  Service service;
  ASSERT_TRUE(service->add_step({.name = "queue", .stage = Stage::consumers, .budget = 5s}, [] {}));
  ASSERT_TRUE(service->add_step({.name = "db", .budget = 3s}, [] {}));
  EXPECT_THAT(service->warnings(), IsEmpty());
  ASSERT_TRUE(service->add_step({.name = "driver", .after = {"db"}, .budget = 2s}, [] {}));
  EXPECT_THAT(service->warnings(), ElementsAre(HasSubstr("10s (consumers 5s + databases 5s)")));
}

TEST(Runtime, EndsOnceEvenIfNothingWasEverRegistered) {
  Service service;
  service.run_and_raise();
  const DrainReport report = service.report();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(finish(report), 0);
}

TEST(Runtime, MayBeDestroyedWithoutEverRunning) {
  bool ran = false;
  {
    Service service;
    ASSERT_TRUE(service->add_step({.name = "db"}, [&] { ran = true; }));
    service.raise(SIGTERM);
  }
  EXPECT_FALSE(ran);
}

TEST(Runtime, IsReadyWhileServingOnly) {
  Service service;
  EXPECT_EQ(service->health().startup().http_status, 503);
  EXPECT_EQ(service->health().ready().detail, "starting");
  service->started();
  EXPECT_EQ(service->health().startup().http_status, 200);
  EXPECT_EQ(service->health().ready().http_status, 200);
  service.raise(SIGTERM);
  EXPECT_EQ(service->health().ready().detail, "shutting down");
  EXPECT_EQ(service->health().live().http_status, 200);
}

}  // namespace
}  // namespace lastcall
