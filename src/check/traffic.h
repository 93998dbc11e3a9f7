// Traffic: the load of a check as a Scenario: which kinds of clients, how many, how fast. Pure.
#pragma once

#include <cstdint>

#include "check/plan.h"
#include "check/scenario.h"

namespace lastcall::check {

/// Every kind that the plan has a path for.
[[nodiscard]] Scenario traffic(const Plan& plan, const sys::Address& target, std::uint64_t seed);

/// Whether the signal waits for an attempt of this kind to be in flight. What is asked hundreds of times a
/// second and answered in a moment meets the signal in one trial or another, and need not.
[[nodiscard]] bool is_awaited(judge::Kind kind);

}  // namespace lastcall::check
