#include "config/platform.h"

#include <algorithm>
#include <vector>

#include "base/units.h"
#include "config/suggest.h"

namespace lastcall::config {
namespace {

/// How a platform gives itself away.
enum class Trace : std::uint8_t { variable, variable_with_our_pid, file, terminal };

struct Known {
  Trace trace;
  Platform platform;  ///< told_by: the variable or file
};

constexpr LameDuck kEndpointsLag{.min = 3s, .quiet = 2s, .max = 8s};
constexpr std::string_view kMixed = "KillMode=mixed in the unit";

// The first that matches wins: what runs on top of another stands before it. INVOCATION_ID tells nothing of
// systemd: whatever a unit starts inherits it, terminals too; and so it is with another's SYSTEMD_EXEC_PID.
constexpr Known kKnown[] = {
    {Trace::variable,
     {.name = "Kubernetes",
      .word = "kubernetes",
      .told_by = "KUBERNETES_SERVICE_HOST",
      .grace = 30s,
      .grace_setting = "terminationGracePeriodSeconds",
      .lame_duck = kEndpointsLag,
      .probed_from_outside = true}},
    {Trace::variable,
     {.name = "ECS",
      .word = "ecs",
      .told_by = "ECS_CONTAINER_METADATA_URI_V4",
      .grace = 30s,
      .grace_setting = "stopTimeout",
      .probed_from_outside = true}},
    {Trace::variable, {.name = "Cloud Run", .word = "cloud-run", .told_by = "K_SERVICE", .grace = 10s}},
    {Trace::variable,
     {.name = "Fly.io",
      .word = "fly",
      .told_by = "FLY_MACHINE_ID",
      .grace = 5s,
      .grace_setting = "kill_timeout",
      .probed_from_outside = true}},
    {Trace::variable,
     {.name = "Heroku",
      .word = "heroku",
      .told_by = "DYNO",
      .grace = 30s,
      .signal_us_alone =
          "Heroku signals every process: let the app ignore SIGTERM and stop it with --stop-signal "
          "INT"}},
    {Trace::variable,
     {.name = "Nomad",
      .word = "nomad",
      .told_by = "NOMAD_ALLOC_ID",
      .grace = 5s,
      .grace_setting = "kill_timeout",
      .probed_from_outside = true}},
    {Trace::variable,
     {.name = "Render",
      .word = "render",
      .told_by = "RENDER",
      .grace = 30s,
      .grace_setting = "maxShutdownDelaySeconds"}},
    {Trace::variable,
     {.name = "PM2",
      .word = "pm2",
      .told_by = "pm_id",
      .grace = 1600ms,
      .grace_setting = "kill_timeout",
      .reserve = 200ms,
      .signal_us_alone = "treekill: false in the ecosystem file"}},
    {Trace::variable,
     {.name = "systemd",
      .word = "systemd",
      .told_by = "NOTIFY_SOCKET",
      .grace = 90s,
      .grace_setting = "TimeoutStopSec",
      .signal_us_alone = kMixed}},
    {Trace::variable_with_our_pid,
     {.name = "systemd",
      .word = "systemd",
      .told_by = "SYSTEMD_EXEC_PID",
      .grace = 90s,
      .grace_setting = "TimeoutStopSec",
      .signal_us_alone = kMixed}},
    {Trace::file,
     {.name = "Docker",
      .word = "docker",
      .told_by = "/.dockerenv",
      .grace = 10s,
      .grace_setting = "docker stop --time"}},
    {Trace::file,
     {.name = "Podman",
      .word = "podman",
      .told_by = "/run/.containerenv",
      .grace = 10s,
      .grace_setting = "podman stop --time"}},
    {Trace::terminal, {.name = "a terminal", .word = "terminal", .told_by = "standard input", .grace = 10s}},
};

bool matches(const Known& known, const Surroundings& surroundings) {
  switch (known.trace) {
    case Trace::variable:
      return !surroundings.variable(known.platform.told_by).empty();
    case Trace::variable_with_our_pid:
      return surroundings.variable(known.platform.told_by) == std::to_string(surroundings.own_pid);
    case Trace::file:
      return surroundings.file_exists(known.platform.told_by);
    case Trace::terminal:
      break;
  }
  return surroundings.on_terminal;
}

std::vector<std::string> words() {
  std::vector<std::string> list = {"auto", "none"};
  for (const Known& known : kKnown) {
    if (known.platform.word != list.back()) {
      list.emplace_back(known.platform.word);
    }
  }
  return list;
}

Failure unknown_platform(std::string_view word) {
  std::string all;
  for (const std::string& known : words()) {
    all += (all.empty() ? "" : ", ") + known;
  }
  const std::string meant = word == "k8s" ? "kubernetes" : nearest(word, words());
  return failure("'" + std::string(word) + "' is none of " + all,
                 meant.empty() ? std::string() : "did you mean " + meant + "?", 2);
}

std::string print_if_any(std::optional<Duration> duration) {
  return duration && *duration > 0s ? print_duration(*duration) : std::string();
}

}  // namespace

Platform detect_platform(const Surroundings& surroundings) {
  const auto* const found =
      std::ranges::find_if(kKnown, [&](const Known& known) { return matches(known, surroundings); });
  return found == std::end(kKnown) ? Platform{} : found->platform;
}

Result<Platform> platform_called(std::string_view word) {
  if (word == "none") {
    return Platform{};
  }
  const auto* const found =
      std::ranges::find_if(kKnown, [&](const Known& known) { return known.platform.word == word; });
  if (found == std::end(kKnown)) {
    return unknown_platform(word);
  }
  Platform platform = found->platform;
  platform.told_by = {};
  return platform;
}

std::string preset_of(const Platform& platform, std::string_view flag) {
  if (flag == "admin") {
    return platform.probed_from_outside ? ":9797" : "";
  }
  if (flag == "grace") {
    return print_if_any(platform.grace);
  }
  if (flag == "reserve") {
    return print_if_any(platform.reserve);
  }
  const LameDuck& duck = platform.lame_duck;
  if (flag == "lame-duck") {
    return print_if_any(duck.max);
  }
  return {};
}

}  // namespace lastcall::config
