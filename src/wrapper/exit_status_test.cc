#include "wrapper/exit_status.h"

#include <csignal>

#include <gtest/gtest.h>

namespace lastcall::wrapper {
namespace {

/// A report of an app that was stopped by us.
drain::DrainReport stopped(std::optional<int> status, std::optional<int> signal) {
  drain::DrainReport report;
  report.app.started = true;
  report.app.exit_status = status;
  report.app.signal = signal;
  report.app.signalled = Duration::zero();
  return report;
}

TEST(ExitStatus, IsZeroForAnAppThatEndedAsAsked) {
  EXPECT_EQ(exit_status(stopped(0, {}), SIGTERM), 0);
  EXPECT_EQ(exit_status(stopped({}, SIGTERM), SIGTERM), 0);
  EXPECT_EQ(exit_status(stopped(128 + SIGTERM, {}), SIGTERM), 0);
  EXPECT_EQ(exit_status(stopped(128 + SIGINT, {}), SIGINT), 0);
}

TEST(ExitStatus, PassesAnyOtherStatusOfTheAppOn) {
  EXPECT_EQ(exit_status(stopped(3, {}), SIGTERM), 3);
  EXPECT_EQ(exit_status(stopped(128 + SIGINT, {}), SIGTERM), 130);
  EXPECT_EQ(exit_status(stopped({}, SIGSEGV), SIGTERM), 139);
}

TEST(ExitStatus, IsOneIfAnythingWasCutOrKilled) {
  drain::DrainReport cut = stopped(0, {});
  cut.traffic.cut = 1;
  EXPECT_EQ(exit_status(cut, SIGTERM), 1);

  drain::DrainReport killed = stopped({}, SIGKILL);
  killed.app.killed = true;
  EXPECT_EQ(exit_status(killed, SIGTERM), 1);

  drain::DrainReport forced = stopped(3, {});
  forced.forced = true;
  EXPECT_EQ(exit_status(forced, SIGTERM), 1);
}

TEST(ExitStatus, IsTheAppsOwnIfItEndedByItself) {
  for (const int status : {0, 3}) {
    drain::DrainReport report = stopped(status, {});
    report.app.signalled.reset();
    report.app.exited_by_itself = true;
    EXPECT_EQ(exit_status(report, SIGTERM), status);
  }
  drain::DrainReport report = stopped({}, SIGTERM);
  report.app.signalled.reset();
  report.app.exited_by_itself = true;
  report.app.signalled_by_others = true;
  EXPECT_EQ(exit_status(report, SIGTERM), 143);
}

TEST(ExitStatus, ForgivesTheAppThatOthersStoppedDuringTheDrain) {
  drain::DrainReport report = stopped({}, SIGTERM);
  report.app.signalled.reset();
  report.app.signalled_by_others = true;
  EXPECT_EQ(exit_status(report, SIGTERM), 0);
}

TEST(ExitStatus, OfTheAppIsRemappedButNeverHidesALoss) {
  drain::DrainReport report = stopped(7, {});
  EXPECT_EQ(exit_status(report, SIGTERM, {{7, 0}}), 0);
  EXPECT_EQ(exit_status(report, SIGTERM, {{8, 0}}), 7);
  report.traffic.cut = 1;
  EXPECT_EQ(exit_status(report, SIGTERM, {{7, 0}}), 1);

  drain::DrainReport unasked = stopped(7, {});
  unasked.app.exited_by_itself = true;
  EXPECT_EQ(exit_status(unasked, SIGTERM, {{7, 0}}), 1);
  EXPECT_EQ(exit_status(unasked, SIGTERM, {{7, 3}}), 3);
}

}  // namespace
}  // namespace lastcall::wrapper
