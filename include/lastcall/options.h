// Options: what a service says of its shutdown. Everything has a default that fits the platform it runs on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "lastcall/clock.h"
#include "lastcall/time.h"

namespace lastcall {

/// How long to stay reachable though not ready, so that a balancer can notice (contract LC104). The listeners
/// close once nobody has redialled for `quiet` after the announcement, or `max` after the signal, whichever
/// comes first. max == 0: no lame duck.
struct LameDuck {
  Duration min{};  ///< from the signal to the announcement
  Duration quiet{};
  Duration max{};
};

/// What nothing is said of follows from the environment, then from the platform, then from the defaults of
/// docs/contract.md. The parts must fit into the grace period: drain + cleanup + reserve <= grace. A variable
/// that makes no sense is an error even where an option is given in its place.
struct Options {
  /// From the signal to the platform's SIGKILL. Else GRACEFUL_SHUTDOWN_TIMEOUT_MS (bare milliseconds), else
  /// what is known of the platform (Kubernetes 30 s, Docker 10 s, systemd 90 s), else the sum of the parts.
  std::optional<Duration> grace{};

  /// From the signal to the drain deadline, lame duck included. Else HTTP_DRAIN_TIMEOUT (bare seconds), else
  /// what the grace period leaves, or 30 s if there is none. More than a platform's own grace period leaves
  /// is clamped, with a warning; more than one that was asked for leaves is an error.
  std::optional<Duration> drain{};

  /// Kept for the steps that run once nothing is in flight any more: databases, logs. They get all that is
  /// left; this is the floor. Default: min(10 s, grace / 3); less, but 1 s at least, where a drain and a
  /// grace that were both asked for leave less.
  std::optional<Duration> cleanup{};

  /// Kept for the report, and for whatever main() still has to do.
  Duration reserve = std::chrono::seconds(1);

  /// How long before the drain deadline the abort token tells handlers to unwind, so that they end by
  /// themselves and are not cut. Default: min(2 s, a fifth of the drain).
  std::optional<Duration> abort_notice{};

  /// How long an idle keep-alive connection is kept for one more request (LC204); for the server adapters.
  Duration idle_grace = std::chrono::seconds(1);

  /// Default: the platform's; none where nothing routes to us.
  std::optional<LameDuck> lame_duck{};

  /// Ends the process with status 1 if it is still there when three quarters of the reserve are used up,
  /// whatever hangs; run() has had its own last wait by then.
  bool watchdog = true;

  /// Handle SIGTERM, SIGINT and SIGQUIT, and ignore SIGPIPE. Without: only shutdown() and force() begin one.
  bool handle_signals = true;

  /// Takes each event as one line of text, newline included; from any thread. Default: standard error.
  std::function<void(std::string_view line)> log{};

  std::shared_ptr<Clock> clock{};           ///< for tests
  std::shared_ptr<SignalSource> signals{};  ///< for tests
};

}  // namespace lastcall
