#include "judge/profile.h"

#include <algorithm>

namespace lastcall::judge {

namespace {

constexpr Duration kReport = 1s;
constexpr Duration kLongestAppStop = 10s;
constexpr Duration kMovingElsewhere = 5s;

}  // namespace

Duration Profile::drain_budget() const {
  return std::max<Duration>(0s, grace - kReport - std::min(kLongestAppStop, grace / 3));
}

Duration Profile::longest_lame_duck() const {
  return std::max(routed, std::min(routed + kMovingElsewhere, grace / 3));
}

std::span<const Profile> profiles() {
  // Each platform's own default. Kubernetes takes a pod's address from its Services while it signals it, so
  // clients go on coming; elsewhere the balancer lets go first, or there is none.
  static const Profile kProfiles[] = {
      {.name = "plain", .grace = 30s},
      {.name = "kubernetes", .grace = 30s, .routed = 3s},
      {.name = "docker", .grace = 10s},
      {.name = "ecs", .grace = 30s},
      {.name = "cloud-run", .grace = 10s},
      {.name = "fly", .grace = 5s},
      {.name = "heroku", .grace = 30s, .probed = false},
      {.name = "nomad", .grace = 5s},
      {.name = "render", .grace = 30s},
      {.name = "systemd", .grace = 90s, .probed = false},
      {.name = "pm2", .grace = 1600ms, .probed = false},
  };
  return kProfiles;
}

const Profile* find_profile(std::string_view name) {
  const auto found = std::ranges::find(profiles(), name, &Profile::name);
  return found == profiles().end() ? nullptr : &*found;
}

}  // namespace lastcall::judge
