#include "judge/profile.h"

#include <set>

#include <gtest/gtest.h>

#include "base/profile_names.h"

namespace lastcall::judge {
namespace {

TEST(Profiles, BeginWithTheDefaultWhichRoutesNobodyToAServerThatStops) {
  const Profile& plain = profiles().front();
  EXPECT_EQ(plain.name, "plain");
  EXPECT_EQ(plain.grace, 30s);
  EXPECT_EQ(plain.routed, 0s);
  EXPECT_TRUE(plain.probed);
}

TEST(Profiles, HaveNamesOfTheirOwnAndRoomForADrain) {
  std::set<std::string> names;
  for (const Profile& profile : profiles()) {
    EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
    EXPECT_EQ(find_profile(profile.name), &profile);
    EXPECT_LT(profile.drain_budget(), profile.grace) << profile.name;
    EXPECT_LT(profile.routed, profile.grace) << profile.name;
  }
  EXPECT_EQ(find_profile("mainframe"), nullptr);
}

TEST(Profile, LeavesTimeAfterTheDrainForTheAppsOwnStopAndAReport) {
  EXPECT_EQ((Profile{.name = "", .grace = 30s}.drain_budget()), 19s);
  EXPECT_EQ((Profile{.name = "", .grace = 12s}.drain_budget()), 7s);
  EXPECT_EQ((Profile{.name = "", .grace = 1s}.drain_budget()), 0s);
}

TEST(Profile, AllowsALameDuckThatIsAsLongAsTheRoutingAndLittleMore) {
  EXPECT_EQ(find_profile("plain")->longest_lame_duck(), 5s);
  EXPECT_EQ(find_profile("kubernetes")->longest_lame_duck(), 8s);
  EXPECT_EQ((Profile{.name = "", .grace = 6s}.longest_lame_duck()), 2s);
  EXPECT_EQ((Profile{.name = "", .grace = 6s, .routed = 3s}.longest_lame_duck()), 3s);
}

TEST(Profiles, AreThoseThatTheCommandLineOffers) {
  std::string names;
  for (const Profile& profile : profiles()) {
    names += (names.empty() ? "" : " ") + profile.name;
  }
  EXPECT_EQ(names, kProfileNames);
}

}  // namespace
}  // namespace lastcall::judge
