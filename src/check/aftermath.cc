#include "check/aftermath.h"

#include <algorithm>
#include <csignal>

namespace lastcall::check {

judge::Process aftermath(const ServerProcess& server, bool killed) {
  constexpr sys::ExitStatus kKilled{.signalled = true, .value = SIGKILL};
  // It may have exited in the very moment in which it was to be killed.
  judge::Process process{.killed = killed && server.exited().value_or(kKilled) == kKilled};
  if (process.killed || !server.exited()) {
    return process;
  }
  process.exited = server.exited_at();
  (server.exited()->signalled ? process.died_of : process.exit_status) = server.exited()->value;
  process.zombies = static_cast<std::uint32_t>(server.zombies());
  for (const sys::Running& orphan : server.left_behind()) {
    process.orphans.push_back(orphan.command);
  }
  return process;
}

judge::Process aftermath(const OutsideProcess& server) {
  judge::Process process{.ours = false};
  if (server.exited()) {
    process.exited = server.exited_at();
  }
  return process;
}

std::optional<Time> port_held(std::span<const judge::Observation> observations, Time exit) {
  std::optional<Time> last;
  for (const judge::Observation& one : observations) {
    const bool stood = !one.reused && one.started > exit && one.connected != Time::max();
    if (stood && one.connected > last.value_or(exit)) {
      last = one.connected;
    }
  }
  return last;
}

}  // namespace lastcall::check
