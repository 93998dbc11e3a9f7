#include "service/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"

namespace lastcall::service {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr LameDuck kEndpointsLag{.min = 3s, .quiet = 2s, .max = 8s};

Outside kubernetes() {
  return {.platform = {.name = "Kubernetes",
                       .grace = 30s,
                       .grace_setting = "terminationGracePeriodSeconds",
                       .lame_duck = kEndpointsLag}};
}

Outside docker() {
  return {.platform = {.name = "Docker", .grace = 10s, .grace_setting = "docker stop --time"}};
}

std::string error_of(const Options& options, const Outside& outside) {
  const Result<Settings> settings = resolve(options, outside);
  return settings ? "" : settings.error().what + " / " + settings.error().fix;
}

TEST(Settings, FollowFromTheDefaultsWhereNobodyKills) {
  const drain::BudgetPlan plan = resolve({}, {})->plan;
  EXPECT_EQ(plan.drain, 30s);
  EXPECT_EQ(plan.app_stop, 10s);
  EXPECT_EQ(plan.reserve, 1s);
  EXPECT_EQ(plan.grace, 41s);
  EXPECT_EQ(plan.lame_duck.max, 0s);
  EXPECT_EQ(plan.abort_notice, 2s);
}

TEST(Settings, FollowFromThePlatform) {
  const Settings settings = resolve({}, kubernetes()).value();
  EXPECT_EQ(settings.plan.grace, 30s);
  EXPECT_EQ(settings.plan.drain, 19s);
  EXPECT_EQ(settings.plan.lame_duck.quiet, 2s);
  EXPECT_EQ(settings.grace_source, "Kubernetes");
  EXPECT_THAT(settings.warnings, IsEmpty());
}

TEST(Settings, TheEnvironmentComesBeforeThePlatformAndOptionsBeforeBoth) {
  Outside outside = kubernetes();
  outside.environment = {{"GRACEFUL_SHUTDOWN_TIMEOUT_MS", "60000"}, {"HTTP_DRAIN_TIMEOUT", "20"}};
  const Settings settings = resolve({}, outside).value();
  EXPECT_EQ(settings.plan.grace, 60s);
  EXPECT_EQ(settings.plan.drain, 20s);
  EXPECT_EQ(settings.plan.app_stop, 39s) << "what the drain leaves";
  EXPECT_EQ(settings.grace_source, "GRACEFUL_SHUTDOWN_TIMEOUT_MS");
  const Settings asked = resolve({.grace = 15s, .drain = 5s}, outside).value();
  EXPECT_EQ(asked.plan.grace, 15s);
  EXPECT_EQ(asked.plan.drain, 5s);
}

TEST(Settings, ADrainThatThePlatformDoesNotGrantIsClampedWithAWarning) {
  const Settings settings = resolve({.drain = 30s}, docker()).value();
  EXPECT_EQ(settings.plan.drain, 5700ms);
  EXPECT_THAT(settings.warnings,
              ElementsAre("drain 30s (Options::drain) does not fit into grace 10s (Docker): "
                          "5.7s is used"));
}

TEST(Settings, PartsThatWereAskedForAndDoNotFitAreAnErrorThatNamesEach) {
  EXPECT_EQ(
      error_of({.grace = 30s, .drain = 25s, .cleanup = 5s}, docker()),
      "the shutdown does not fit into grace 30s (Options::grace): drain 25s (Options::drain) + cleanup 5s "
      "(Options::cleanup) + reserve 1s (default) / lower the drain to 24s, or raise the grace period "
      "(docker stop --time)");
  EXPECT_THAT(error_of({.cleanup = 20s}, docker()),
              AllOf(HasSubstr("grace 10s (Docker)"), HasSubstr("cleanup 20s (Options::cleanup)"),
                    HasSubstr("leave nothing for the drain")));
}

TEST(Settings, ACleanupThatNobodyAskedForLeavesRoomForADrainThatSomebodyDid) {
  const drain::BudgetPlan plan = resolve({.grace = 30s, .drain = 20s}, {})->plan;
  EXPECT_EQ(plan.drain, 20s);
  EXPECT_EQ(plan.app_stop, 9s);
  EXPECT_EQ(resolve({.grace = 30s, .drain = 28s}, {})->plan.app_stop, 1s);
  EXPECT_EQ(error_of({.grace = 30s, .drain = 29s}, {}),
            "the shutdown does not fit into grace 30s (Options::grace): drain 29s (Options::drain) + cleanup "
            "1s (default) + reserve 1s (default) / lower the drain to 28s");
  EXPECT_THAT(error_of({.grace = 30s, .drain = 20s, .cleanup = 10s}, {}),
              HasSubstr("lower the drain to 19s"));
}

TEST(Settings, AVariableThatIsNoNumberIsAnErrorAndAnEmptyOneIsNotSet) {
  EXPECT_THAT(
      error_of({}, {.environment = {{"GRACEFUL_SHUTDOWN_TIMEOUT_MS", "30s"}}}),
      HasSubstr("GRACEFUL_SHUTDOWN_TIMEOUT_MS is \"30s\", which is not a whole number of milliseconds "
                "above 0 (for example 30000) / set it to 31536000000 at most, or unset it"));
  EXPECT_THAT(error_of({}, {.environment = {{"HTTP_DRAIN_TIMEOUT", "-1"}}}), HasSubstr("of seconds"));
  EXPECT_EQ(resolve({}, {.environment = {{"HTTP_DRAIN_TIMEOUT", ""}}})->plan.drain, 30s);
}

TEST(Settings, AnOptionOutOfItsRangeIsAnErrorThatNamesIt) {
  EXPECT_THAT(error_of({.grace = 0s}, {}), HasSubstr("Options::grace"));
  EXPECT_THAT(error_of({.grace = -1s}, {}), HasSubstr("Options::grace is -1s, out of its range"));
  EXPECT_THAT(error_of({.cleanup = -1s}, {}), HasSubstr("Options::cleanup"));
  EXPECT_THAT(error_of({.idle_grace = -1s}, {}), HasSubstr("Options::idle_grace"));
  EXPECT_THAT(error_of({.reserve = 24h * 366}, {}), HasSubstr("Options::reserve"));
}

TEST(Settings, ALameDuckThatWasAskedForMustFitAndThePlatformsIsMadeToFit) {
  EXPECT_THAT(error_of({.drain = 5s, .lame_duck = kEndpointsLag}, {}),
              HasSubstr("longer than the drain of 5s"));
  EXPECT_THAT(error_of({.lame_duck = LameDuck{.min = 3s, .max = 2s}}, {}), HasSubstr("longer than its max"));
  const drain::BudgetPlan plan = resolve({.drain = 5s}, kubernetes())->plan;
  EXPECT_EQ(plan.lame_duck.max, 2500ms);
  EXPECT_EQ(plan.lame_duck.min, 2500ms);
}

TEST(Settings, TheAbortNoticeIsAFifthOfAShortDrainAndNeverMoreThanAllOfIt) {
  EXPECT_EQ(resolve({.drain = 5s}, {})->plan.abort_notice, 1s);
  EXPECT_EQ(resolve({.drain = 5s, .abort_notice = 9s}, {})->plan.abort_notice, 5s);
}

}  // namespace
}  // namespace lastcall::service
