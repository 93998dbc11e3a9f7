// The names of the profiles that a shutdown can be judged by: what `lastcall check --profile` takes, and what
// judge/profile.h knows. Constant data, any thread.
#pragma once

#include <string_view>

namespace lastcall {

/// In words; the first is the default.
inline constexpr std::string_view kProfileNames =
    "plain kubernetes docker ecs cloud-run fly heroku nomad render systemd pm2";

}  // namespace lastcall
