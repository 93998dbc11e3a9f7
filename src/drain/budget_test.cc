#include "drain/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::drain {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal(const BudgetSettings& settings) {
  const Result<BudgetPlan> plan = plan_budget(settings);
  if (plan) {
    return "accepted";
  }
  EXPECT_EQ(plan.error().exit_status, 2);
  return plan.error().what + " | " + plan.error().fix;
}

TEST(Budget, DefaultsToADrainOfThirtySecondsAndTheGraceThatFollows) {
  const BudgetSettings nothing;
  const Result<BudgetPlan> plan = plan_budget(nothing);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->drain, 30s);
  EXPECT_EQ(plan->app_stop, 10s);
  EXPECT_EQ(plan->reserve, 1s);
  EXPECT_EQ(plan->grace, 41s);
  EXPECT_EQ(plan->lame_duck.max, 0s);
}

TEST(Budget, AGraceAloneIsSharedBetweenDrainAndApp) {
  const Result<BudgetPlan> plan = plan_budget({.grace = 30s});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->app_stop, 10s);
  EXPECT_EQ(plan->drain, 19s);
}

TEST(Budget, AShortGraceGivesAThirdToTheAppInTenthsOfASecond) {
  const Result<BudgetPlan> plan = plan_budget({.grace = 10s});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->app_stop, 3300ms);
  EXPECT_EQ(plan->drain, 5700ms);
}

TEST(Budget, ADrainAloneMakesTheGraceLonger) {
  const Result<BudgetPlan> plan = plan_budget({.drain_timeout = 60s});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->grace, 71s);
}

TEST(Budget, TheAppGetsAllThatTheDrainLeaves) {
  const Result<BudgetPlan> plan = plan_budget({.grace = 30s, .drain_timeout = 5s, .app_stop = 2s});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->drain, 5s);
  EXPECT_EQ(plan->app_stop, 24s);
}

TEST(Budget, NamesEachPartAndTheSumWhenTheyDoNotFit) {
  EXPECT_EQ(refusal({.grace = 30s, .drain_timeout = 40s, .app_stop = 11s}),
            "the parts need 52s: drain 40s + app-stop 11s + reserve 1s; grace is 30s | "
            "raise --grace to 52s or lower --drain-timeout to 18s");
}

TEST(Budget, DoesNotAdviseADrainOfNothing) {
  EXPECT_THAT(refusal({.grace = 5s, .drain_timeout = 1s, .app_stop = 5s}),
              HasSubstr("raise --grace to 7s or lower --app-stop and --reserve"));
}

TEST(Budget, RefusesAGraceThatLeavesNothingToDrain) {
  EXPECT_THAT(refusal({.grace = 1s}), HasSubstr("nothing is left to drain: app-stop 300ms + reserve 1s"));
}

TEST(Budget, ADrainOfZeroIsLegalAsAnExplicitWish) {
  const Result<BudgetPlan> plan = plan_budget({.drain_timeout = 0s});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->drain, 0s);
  EXPECT_EQ(plan->grace, 11s);
}

TEST(Budget, RefusesPartsOutOfTheirRange) {
  EXPECT_THAT(refusal({.grace = 0s}), HasSubstr("--grace must be more than 0"));
  EXPECT_THAT(refusal({.drain_timeout = -1s}), HasSubstr("--drain-timeout must be 0 or more"));
  EXPECT_THAT(refusal({.app_stop = 0s}), HasSubstr("--app-stop must be more than 0"));
  EXPECT_THAT(refusal({.reserve = 0s}), HasSubstr("--reserve must be more than 0"));
  EXPECT_THAT(refusal({.idle_grace = -1s}), HasSubstr("--idle-grace must be 0 or more"));
  EXPECT_THAT(refusal({.lame_duck = {.min = -1s}}), HasSubstr("--lame-duck-min must be 0 or more"));
  EXPECT_THAT(refusal({.drain_timeout = 24h * 400}), HasSubstr("--drain-timeout is longer than a year"));
}

TEST(Budget, TheLameDuckFitsIntoTheDrainAndItsPartsIntoTheLameDuck) {
  EXPECT_THAT(refusal({.drain_timeout = 5s, .lame_duck = {.max = 8s}}),
              HasSubstr("--lame-duck (8s) is longer than --drain-timeout (5s)"));
  EXPECT_THAT(refusal({.lame_duck = {.min = 9s, .max = 8s}}), HasSubstr("--lame-duck-min (9s) is longer"));
  EXPECT_THAT(refusal({.lame_duck = {.quiet = 9s, .max = 8s}}),
              HasSubstr("--lame-duck-quiet (9s) is longer"));
  EXPECT_EQ(refusal({.lame_duck = {.min = 8s, .quiet = 8s, .max = 8s}}), "accepted");
}

TEST(Budget, ALameDuckThatNobodyAskedForShrinksToHalfOfTheDrainItsPartsWithIt) {
  const BudgetSettings preset{.grace = 13s,
                              .app_stop = 4s,
                              .lame_duck = {.min = 3s, .quiet = 2s, .max = 8s},
                              .lame_duck_may_shrink = true};
  const auto shrunk = plan_budget(preset);
  ASSERT_TRUE(shrunk);
  EXPECT_EQ(shrunk->drain, 8s);
  EXPECT_EQ(shrunk->lame_duck.max, 4s);
  EXPECT_EQ(shrunk->lame_duck.min, 2s);
  EXPECT_EQ(shrunk->lame_duck.quiet, 1s);

  BudgetSettings roomy = preset;
  roomy.grace = 30s;
  EXPECT_EQ(plan_budget(roomy)->lame_duck.max, 8s);
}

TEST(Budget, BothInstantsFollowFromTheFirstSignalOnly) {
  const Result<BudgetPlan> plan = plan_budget({.grace = 30s});
  ASSERT_TRUE(plan);
  const Budget budget = begin(*plan, Time{100s});
  EXPECT_EQ(budget.start, Time{100s});
  EXPECT_EQ(budget.drain_deadline, Time{119s});
  EXPECT_EQ(budget.deadline, Time{129s});
}

TEST(ClampDrain, GrantsWhatFits) {
  const ClampedDrain unbounded = clamp_drain({}, 300s, "HTTP_DRAIN_TIMEOUT");
  EXPECT_EQ(unbounded.drain, 300s);
  EXPECT_THAT(unbounded.warning, IsEmpty());
  EXPECT_EQ(clamp_drain({.grace = 30s}, 19s, "HTTP_DRAIN_TIMEOUT").drain, 19s);
}

TEST(ClampDrain, TakesWhatTheGraceLeavesAndSaysSo) {
  const ClampedDrain clamped = clamp_drain({.grace = 30s}, 60s, "HTTP_DRAIN_TIMEOUT");
  EXPECT_EQ(clamped.drain, 19s);
  EXPECT_EQ(
      clamped.warning,
      "HTTP_DRAIN_TIMEOUT asks for 1m, but of the grace of 30s only 19s is left for the drain (app-stop "
      "10s, reserve 1s): using 19s");
}

TEST(ClampDrain, LeavesAnImpossibleGraceToTheSumToRefuse) {
  EXPECT_EQ(clamp_drain({.grace = 1s}, 60s, "HTTP_DRAIN_TIMEOUT").drain, 60s);
}

}  // namespace
}  // namespace lastcall::drain
