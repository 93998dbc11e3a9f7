#include "drain/report.h"

#include <gtest/gtest.h>

namespace lastcall::drain {
namespace {

TEST(DrainReport, IsCleanWhenNothingWasCutAbandonedKilledOrForced) {
  DrainReport report;
  report.steps = {{.name = "requests", .outcome = "done"}, {.name = "linger", .outcome = "skipped"}};
  report.traffic.finished = 7;
  report.traffic.client_gone = 1;
  EXPECT_TRUE(report.clean());
}

TEST(DrainReport, IsNotCleanOnceAnythingWasCut) {
  DrainReport report;
  report.traffic.cut = 1;
  EXPECT_FALSE(report.clean());
}

TEST(DrainReport, IsNotCleanOnceAStepWasAbandoned) {
  DrainReport report;
  report.steps = {{.name = "requests", .outcome = "abandoned"}};
  EXPECT_FALSE(report.clean());
}

TEST(DrainReport, StaysCleanWhenOnlyACourtesyWasAbandoned) {
  DrainReport report;
  report.steps = {{.name = "linger", .outcome = "abandoned", .courtesy = true}};
  EXPECT_TRUE(report.clean());
}

TEST(DrainReport, IsNotCleanOnceAnythingWasKilled) {
  DrainReport app;
  app.app.killed = true;
  EXPECT_FALSE(app.clean());
  DrainReport descendant;
  descendant.app.descendants_killed = 1;
  EXPECT_FALSE(descendant.clean());
}

TEST(DrainReport, IsNotCleanOnceAStepFailedOrLostSomething) {
  DrainReport failed;
  failed.steps = {{.name = "database", .outcome = "failed"}};
  EXPECT_FALSE(failed.clean());
  failed.steps.front().courtesy = true;
  EXPECT_TRUE(failed.clean());
  failed.steps.front().lost = "1 message";
  EXPECT_FALSE(failed.clean());
}

TEST(DrainReport, IsNotCleanOnceWorkOfAServiceWasCut) {
  DrainReport report;
  report.work = WorkReport{.scopes = {{.name = "jobs", .at_signal = 2, .finished = 2}}};
  EXPECT_TRUE(report.clean());
  report.work->scopes.front().cut = 1;
  EXPECT_FALSE(report.clean());
}

TEST(DrainReport, IsNotCleanOnceTheAppFailedWithoutHavingBeenAsked) {
  DrainReport crashed;
  crashed.app = {.started = true, .exited_by_itself = true, .signal = 9};
  EXPECT_FALSE(crashed.clean());
  DrainReport failed;
  failed.app = {.started = true, .exited_by_itself = true, .exit_status = 3};
  EXPECT_FALSE(failed.clean());
  failed.app.exit_status = 0;
  EXPECT_TRUE(failed.clean());
  failed.traffic.failed = 1;
  EXPECT_FALSE(failed.clean());
}

TEST(DrainReport, IsNotCleanOnceAnAppThatOthersHadSignalledTookRequestsAlong) {
  DrainReport report;
  report.app = {.started = true, .signalled_by_others = true, .signal = 15};
  EXPECT_TRUE(report.clean());
  report.traffic.failed = 1;
  EXPECT_FALSE(report.clean());
  report.traffic = {.refused = 1};
  EXPECT_FALSE(report.clean());
}

TEST(DrainReport, IsNotCleanOnceForced) {
  DrainReport report;
  report.forced = true;
  EXPECT_FALSE(report.clean());
}

}  // namespace
}  // namespace lastcall::drain
