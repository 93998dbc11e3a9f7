// The parts of the clauses' table, one for each chapter of the contract. Only clause.cc reads them.
#pragma once

#include <span>

#include "judge/clause.h"

namespace lastcall::judge {

[[nodiscard]] std::span<const Clause> signal_clauses();      ///< LC101 to LC105
[[nodiscard]] std::span<const Clause> connection_clauses();  ///< LC201 to LC204
[[nodiscard]] std::span<const Clause> protocol_clauses();    ///< LC205 to LC208
[[nodiscard]] std::span<const Clause> ending_clauses();      ///< LC301 to LC502

}  // namespace lastcall::judge
