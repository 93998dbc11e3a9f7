// Thruster: what `--compat thruster` must tell of https://github.com/basecamp/thruster, because lastcall does
// not do it. What it does do is in the option table, as aliases (config/options.h). Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/environment.h"

namespace lastcall::config {

/// Warnings, as whole sentences without a final period, for what Thruster would do with this environment and
/// lastcall does not. Error: status 2, if it would encrypt: traffic must not go unencrypted by surprise.
[[nodiscard]] Result<std::vector<std::string>> thruster_differences(const Environment& environment);

}  // namespace lastcall::config
