#include "config/platform.h"

namespace lastcall::config {
namespace {

struct Trace {
  std::string_view variable{};
  std::string_view file{};
  Platform platform;
};

constexpr LameDuck kEndpointsLag{.min = 3s, .quiet = 2s, .max = 8s};

// The first that matches wins: what runs on top of another stands before it. INVOCATION_ID tells nothing of
// systemd: whatever a unit starts inherits it, terminals too.
constexpr Trace kTraces[] = {
    {.variable = "KUBERNETES_SERVICE_HOST",
     .platform = {.name = "Kubernetes",
                  .grace = 30s,
                  .grace_setting = "terminationGracePeriodSeconds",
                  .lame_duck = kEndpointsLag}},
    {.variable = "ECS_CONTAINER_METADATA_URI_V4",
     .platform = {.name = "ECS", .grace = 30s, .grace_setting = "stopTimeout"}},
    {.variable = "K_SERVICE", .platform = {.name = "Cloud Run", .grace = 10s}},
    {.variable = "FLY_MACHINE_ID",
     .platform = {.name = "Fly.io", .grace = 5s, .grace_setting = "kill_timeout"}},
    {.variable = "DYNO", .platform = {.name = "Heroku", .grace = 30s}},
    {.variable = "NOMAD_ALLOC_ID",
     .platform = {.name = "Nomad", .grace = 5s, .grace_setting = "kill_timeout"}},
    {.variable = "RENDER",
     .platform = {.name = "Render", .grace = 30s, .grace_setting = "maxShutdownDelaySeconds"}},
    {.variable = "NOTIFY_SOCKET",
     .platform = {.name = "systemd", .grace = 90s, .grace_setting = "TimeoutStopSec"}},
    {.variable = "SYSTEMD_EXEC_PID",
     .platform = {.name = "systemd", .grace = 90s, .grace_setting = "TimeoutStopSec"}},
    {.file = "/.dockerenv",
     .platform = {.name = "Docker", .grace = 10s, .grace_setting = "docker stop --time"}},
    {.file = "/run/.containerenv",
     .platform = {.name = "Podman", .grace = 10s, .grace_setting = "podman stop --time"}},
};

}  // namespace

Platform detect_platform(const Surroundings& surroundings) {
  for (const Trace& trace : kTraces) {
    const bool matches = trace.variable.empty() ? surroundings.file_exists(trace.file)
                                                : surroundings.variable_is_set(trace.variable);
    if (matches) {
      return trace.platform;
    }
  }
  return {};
}

}  // namespace lastcall::config
