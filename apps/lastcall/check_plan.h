// The plan of a check: the options of `lastcall check` with addresses parsed, choices made and contradictions
// refused.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "check/plan.h"
#include "check/redact.h"
#include "config/check_config.h"
#include "judge/profile.h"

namespace lastcall {

struct CheckPlan {
  std::string title{};  ///< of its verdict, when several are compared
  judge::Profile profile;
  check::Plan run;
  std::vector<std::string> shown_command;  ///< as it is shown and kept: secrets masked
  check::Redactor redactor;                ///< of the secrets in the options
};

/// The error without the secrets.
[[nodiscard]] Error masked(Error error, const check::Redactor& redactor);

/// What a replay needs: the profile that was asked for, or `standard`, with its grace period. Error:
/// status 2.
[[nodiscard]] Result<judge::Profile> choose_profile(const config::CheckConfig& config,
                                                    const judge::Profile& standard);

/// Error: status 2.
[[nodiscard]] Result<CheckPlan> make_check_plan(const config::CheckConfig& config,
                                                const std::vector<std::string>& command);

}  // namespace lastcall
