// Platform: what is known of where a process runs: who will stop it, how soon it kills, and which settings
// follow from that. Only knowledge: it reads nothing itself, and what somebody asked for wins over it. Any
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "lastcall/options.h"

namespace lastcall::config {

struct Platform {
  std::string_view name{};             ///< "Kubernetes"; empty if none is known
  std::string_view word{};             ///< "kubernetes", as --platform says it
  std::string_view told_by{};          ///< the variable or file that gave it away; empty if it was asked for
  std::optional<Duration> grace{};     ///< its own default, from its signal to its SIGKILL
  std::string_view grace_setting{};    ///< what changes it there: "terminationGracePeriodSeconds"
  LameDuck lame_duck{};                ///< none where nobody routes to us any more when the signal comes
  std::optional<Duration> reserve{};   ///< where the usual one would leave no time to drain
  bool probed_from_outside = false;    ///< its health checks come to the container's own address
  std::string_view signal_us_alone{};  ///< what keeps it from signalling the app beside us, if it may
};

struct Surroundings {
  /// A variable's value; empty: not set.
  std::function<std::string(std::string_view name)> variable = [](std::string_view) { return std::string(); };
  std::function<bool(std::string_view path)> file_exists = [](std::string_view) { return false; };
  std::int64_t own_pid = 0;
  bool on_terminal = false;  ///< standard input is one
};

/// The most specific one that the surroundings speak of.
[[nodiscard]] Platform detect_platform(const Surroundings& surroundings);

/// The one that --platform names, with `none` for none. Error: status 2.
[[nodiscard]] Result<Platform> platform_called(std::string_view word);

/// What the platform sets an option of `lastcall run` to, in the option's own syntax; empty: nothing.
[[nodiscard]] std::string preset_of(const Platform& platform, std::string_view flag);

}  // namespace lastcall::config
