// Profile: what the place where a server runs expects of it. The same evidence may pass on a single machine
// and fail on Kubernetes, where clients are routed to a server for a while after it was told to stop. Data
// only.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace lastcall::judge {

struct Profile {
  std::string name;
  Duration grace;      ///< then the platform kills
  Duration routed{};   ///< new connections still arrive for so long after the signal; 0: none is sent there
  bool probed = true;  ///< someone acts on readiness: it must turn red (LC103)

  /// Until then from the signal work in flight may not be cut (LC202), after it may (LC303): the grace period
  /// less 1 s for the report and min(10 s, a third) for what comes after the drain.
  [[nodiscard]] Duration drain_budget() const;

  /// How long after the signal a server may at most wait for traffic to move elsewhere before it must get on
  /// (LC105): 5 s longer than it is routed to, but no more than a third of the grace period.
  [[nodiscard]] Duration longest_lame_duck() const;

  bool operator==(const Profile&) const = default;
};

/// Those of base/profile_names.h, in that order: the first, plain, is the default.
[[nodiscard]] std::span<const Profile> profiles();

/// Null if there is none of this name, which is in small letters.
[[nodiscard]] const Profile* find_profile(std::string_view name);

}  // namespace lastcall::judge
