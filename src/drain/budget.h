// Budget: the two instants that bound a shutdown (LC301), computed once from the settings and never again.
// Not a timer: it only says when; whoever waits takes min(own limit, what is left).
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"

namespace lastcall::drain {

/// How long to stay reachable though not ready (LC104). max == 0: no lame duck.
struct LameDuck {
  Duration min = 0s;  ///< from the signal to the announcement
  Duration quiet =
      0s;  ///< the listener closes once nobody has redialled for this long after the announcement …
  Duration max = 0s;  ///< … or this long after the signal, whichever comes first
};

/// What the user and the platform said; nothing = derived.
struct BudgetSettings {
  std::optional<Duration> grace;          ///< the platform's kill timer
  std::optional<Duration> drain_timeout;  ///< from the signal to the drain deadline, lame duck included
  std::optional<Duration>
      app_stop;           ///< floor of what the app gets after its signal; default min(10 s, grace / 3)
  Duration reserve = 1s;  ///< for report and logs
  Duration idle_grace = 1s;
  LameDuck lame_duck;
};

/// A validated budget: lame_duck.max <= drain, and drain + app_stop + reserve == grace.
struct BudgetPlan {
  Duration grace{};
  Duration drain{};
  Duration app_stop{};
  Duration reserve{};
  Duration idle_grace{};
  LameDuck lame_duck;
};

/// Derives what was not said (by default drain 30 s + app-stop 10 s + reserve 1 s = grace 41 s) and checks
/// the sum. Error: status 2, naming each part and the sum, when it cannot fit into the grace period.
[[nodiscard]] Result<BudgetPlan> plan_budget(const BudgetSettings& settings);

/// The two instants of one shutdown.
struct Budget {
  Time start;           ///< t0: the first signal
  Time drain_deadline;  ///< what is left then is cut (LC303)
  Time deadline;        ///< the app is killed
};

[[nodiscard]] Budget begin(const BudgetPlan& plan, Time t0);

}  // namespace lastcall::drain
