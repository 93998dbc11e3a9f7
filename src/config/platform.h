// Platform: what is known of where a process runs, from a few names of its environment: who will kill it, and
// when. Only knowledge: it reads nothing itself. Any thread.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "lastcall/options.h"

namespace lastcall::config {

struct Platform {
  std::string_view name{};           ///< "Kubernetes"; empty if none is known
  std::optional<Duration> grace{};   ///< its own default, from its signal to its SIGKILL
  std::string_view grace_setting{};  ///< what changes it there: "terminationGracePeriodSeconds"
  LameDuck lame_duck{};              ///< none where nobody routes to us any more when the signal comes
};

struct Surroundings {
  std::function<bool(std::string_view name)> variable_is_set;
  std::function<bool(std::string_view path)> file_exists;
};

/// The most specific one that the surroundings speak of.
[[nodiscard]] Platform detect_platform(const Surroundings& surroundings);

}  // namespace lastcall::config
