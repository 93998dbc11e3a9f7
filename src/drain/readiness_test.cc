#include "drain/readiness.h"

#include <gtest/gtest.h>

namespace lastcall::drain {
namespace {

TEST(Readiness, IsReadyOnlyWhileServing) {
  for (const Phase phase :
       {Phase::starting, Phase::lame_duck, Phase::draining, Phase::stopping, Phase::stopped}) {
    EXPECT_FALSE(Readiness{.phase = phase}.ready()) << to_string(phase);
  }
  EXPECT_TRUE(Readiness{.phase = Phase::serving}.ready());
}

TEST(Readiness, CanLastUntilTheLameDuckIsOver) {
  EXPECT_TRUE((Readiness{.phase = Phase::lame_duck, .while_lame_duck = true}).ready());
  EXPECT_FALSE((Readiness{.phase = Phase::draining, .while_lame_duck = true}).ready());
}

TEST(Readiness, IsLiveUntilTheVeryEndUnlessTheAppStopsAnsweringWhileServing) {
  EXPECT_FALSE((Readiness{.phase = Phase::serving, .app_lives = false}).live());
  for (const Phase phase :
       {Phase::starting, Phase::lame_duck, Phase::draining, Phase::stopping, Phase::stopped}) {
    EXPECT_TRUE((Readiness{.phase = phase, .app_lives = false}).live()) << to_string(phase);
  }
}

TEST(Readiness, FollowsTheAppAndTheWishToLookUnready) {
  EXPECT_FALSE((Readiness{.phase = Phase::serving, .app_answers = false}).ready());
  EXPECT_FALSE((Readiness{.phase = Phase::serving, .unready = true}).ready());
}

}  // namespace
}  // namespace lastcall::drain
