// Judge: from evidence to verdict. Pure: the same trials and profile give the same verdict, today or from a
// record. Any thread.
#pragma once

#include <span>

#include "judge/profile.h"
#include "judge/trial.h"
#include "judge/verdict.h"

namespace lastcall::judge {

/// At least one trial, all with the same flows. The worst trial decides each clause, and the worst clause the
/// verdict. title, command and seed are left to the caller.
[[nodiscard]] Verdict judge(std::span<const Trial> trials, const Profile& profile);

/// With `broken` of `tried` seen, the true rate is at most this, at 95 % (Clopper and Pearson). tried > 0.
[[nodiscard]] double upper_bound_95(std::uint64_t broken, std::uint64_t tried);

}  // namespace lastcall::judge
