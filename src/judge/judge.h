// Judge: from evidence to verdict. Pure: the same trials and profile give the same verdict, today or from a
// record. Any thread.
#pragma once

#include <span>
#include <string_view>

#include "judge/profile.h"
#include "judge/trial.h"
#include "judge/verdict.h"

namespace lastcall::judge {

/// At least one trial, all with the same flows. The worst trial decides each clause, and the worst clause the
/// verdict. title, command and seed are left to the caller.
[[nodiscard]] Verdict judge(std::span<const Trial> trials, const Profile& profile);

/// So begins the summary of what is inconclusive only because the client was the bottleneck.
inline constexpr std::string_view kClientTooSlow = "the load client itself was too slow to tell";

/// So begins the summary of what is inconclusive because it went wrong as often without a shutdown.
inline constexpr std::string_view kLostBefore = "lost before the signal too";

/// So ends the summary of what only the parent of the server could tell.
inline constexpr std::string_view kNotOurChild = "because check did not start it";

/// With `broken` of `tried` seen, the true rate is at most this, at 95 % (Clopper and Pearson). tried > 0.
[[nodiscard]] double upper_bound_95(std::uint64_t broken, std::uint64_t tried);

}  // namespace lastcall::judge
