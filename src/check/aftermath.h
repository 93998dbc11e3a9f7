// Aftermath: what a server left behind when it ended, as evidence. Looks, and changes nothing.
#pragma once

#include <optional>
#include <span>

#include "check/outside_process.h"
#include "check/server_process.h"
#include "judge/observation.h"
#include "judge/trial.h"

namespace lastcall::check {

/// After the exit of a server of ours and before end(): its exit, the processes that still run, the dead
/// that it had not waited for.
[[nodiscard]] judge::Process aftermath(const ServerProcess& server, bool killed);

[[nodiscard]] judge::Process aftermath(const OutsideProcess& server);

/// The last instant at which a connect() stood that had begun after the exit.
[[nodiscard]] std::optional<Time> port_held(std::span<const judge::Observation> observations, Time exit);

}  // namespace lastcall::check
