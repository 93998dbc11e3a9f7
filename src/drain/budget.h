// Budget: the two instants that bound a shutdown (LC301), computed once from the settings and never again.
// Not a timer: it only says when; whoever waits takes min(own limit, what is left).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lastcall::drain {

/// How long to stay reachable though not ready (LC104). The listener closes once nobody has redialled for
/// `quiet` after the announcement, or `max` after the signal, whichever comes first. max == 0: no lame duck.
struct LameDuck {
  Duration min{};  ///< from the signal to the announcement
  Duration quiet{};
  Duration max{};
};

/// What the user and the platform said; nothing = derived.
struct BudgetSettings {
  std::optional<Duration> grace{};          ///< the platform's kill timer
  std::optional<Duration> drain_timeout{};  ///< from the signal to the drain deadline, lame duck included
  std::optional<Duration> app_stop{};       ///< floor of the app's time; default min(10 s, grace / 3)
  Duration reserve = 1s;                    ///< for report and logs
  Duration idle_grace = 1s;
  LameDuck lame_duck{};
  bool lame_duck_may_shrink = false;  ///< to half of the drain; else a longer one is an error
};

/// A validated budget: lame_duck.max <= drain, and drain + app_stop + reserve == grace.
struct BudgetPlan {
  Duration grace{};
  Duration drain{};
  Duration app_stop{};
  Duration reserve{};
  Duration idle_grace{};
  LameDuck lame_duck{};
  std::optional<Duration> abort_notice{};  ///< before the drain deadline (LC302); the driver sets it
};

/// Derives what was not said and checks the sum. Nothing said: drain 30 s + app-stop 10 s + reserve 1 s =
/// grace 41 s. Without a grace it follows from its parts; with one, drain and app-stop share what it grants,
/// and what the drain leaves is the app's.
/// Error: status 2, naming each part and the sum, when it cannot fit into the grace period; or the setting
/// that is out of its range (0 is legal for the drain, the idle grace and the lame duck).
[[nodiscard]] Result<BudgetPlan> plan_budget(const BudgetSettings& settings);

struct ClampedDrain {
  Duration drain{};
  std::string warning{};  ///< empty if `wanted` was granted whole
};

/// For a drain time from a source that cannot know the grace period, like HTTP_DRAIN_TIMEOUT: `wanted`, or
/// what an explicit grace leaves for it. `source` is named in the warning.
[[nodiscard]] ClampedDrain clamp_drain(const BudgetSettings& settings, Duration wanted,
                                       std::string_view source);

/// The two instants of one shutdown.
struct Budget {
  Time start;           ///< t0: the first signal
  Time drain_deadline;  ///< what is left then is cut (LC303)
  Time deadline;        ///< the app is killed
};

[[nodiscard]] Budget begin(const BudgetPlan& plan, Time t0);

/// start + span, but never after `limit`; a span may be Duration::max().
[[nodiscard]] constexpr Time later(Time start, Duration span, Time limit) {
  return span >= limit - start ? limit : start + span;
}

}  // namespace lastcall::drain
