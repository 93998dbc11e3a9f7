#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

const Finding finding_of(const Trial& trial, std::string_view clause) {
  return finding(judge_one(trial), clause);
}

// LC401

TEST(Leftovers, AreTheOnlyThingNamed) {
  Trial orphan = perfect_trial();
  orphan.process.orphans = {"sleep", "worker"};
  EXPECT_EQ(failed(orphan), "LC401");
  EXPECT_EQ(finding_of(orphan, "LC401").summary, "left behind: 2 orphans (sleep, worker)");

  Trial zombie = perfect_trial();
  zombie.process.zombies = 1;
  EXPECT_EQ(failed(zombie), "LC401");

  Trial port = perfect_trial();
  port.process.port_held = at(1450ms);
  EXPECT_EQ(failed(port), "LC401");
  EXPECT_THAT(finding_of(port, "LC401").summary, HasSubstr("its port still held 250 ms after the exit"));
}

TEST(Leftovers, AreUnknownIfItWasKilledOrIsNotOurs) {
  Trial killed = perfect_trial();
  killed.process = {.killed = true, .orphans = {"sleep"}};
  EXPECT_EQ(finding_of(killed, "LC401").status, Status::inconclusive);
  Trial foreign = perfect_trial();
  foreign.process = {.ours = false, .exited = at(1200ms)};
  EXPECT_EQ(failed(foreign), "");
  EXPECT_EQ(undecided(foreign), "LC401 LC501");
}

// LC501

TEST(ExitStatus, OfADeathBySignalIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  trial.process = {.exited = at(1200ms), .died_of = SIGTERM};
  EXPECT_EQ(failed(trial), "LC501");
  EXPECT_EQ(finding_of(trial, "LC501").summary, "it died of SIGTERM in place of exiting");
}

TEST(ExitStatus, ThatPretendsADeathBySignalIsTheOnlyThingNamed) {
  Trial trial = perfect_trial();
  trial.process.exit_status = 143;
  EXPECT_EQ(failed(trial), "LC501");
  EXPECT_THAT(finding_of(trial, "LC501").summary, HasSubstr("exit 143: 128 + SIGTERM"));
}

TEST(ExitStatus, MustTellWhetherWorkWasCut) {
  Trial clean = perfect_trial();
  clean.process.exit_status = 1;
  EXPECT_EQ(failed(clean), "LC501");
  EXPECT_EQ(finding_of(clean, "LC501").summary, "exit 1, though nothing was cut");

  Trial cut = perfect_trial();
  spoil(one_in_flight(cut, Kind::slow), Outcome::reset, 20s);
  cut.process.exited = at(20s);
  cut.readiness = cut.liveness = {};
  EXPECT_EQ(failed(cut), "LC501");
  EXPECT_EQ(finding_of(cut, "LC501").summary, "exit 0, though 1 request was cut");
  cut.process.exit_status = 1;
  EXPECT_EQ(failed(cut), "");
}

TEST(ExitStatus, IsUnknownIfItWasKilled) {
  Trial trial = perfect_trial();
  trial.process = {.killed = true};
  EXPECT_EQ(finding_of(trial, "LC501").status, Status::inconclusive);
}

}  // namespace
}  // namespace lastcall::judge
