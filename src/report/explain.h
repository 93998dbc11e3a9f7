// The contract's clauses as `lastcall explain` prints them. Text for a person at a terminal; the words
// themselves stand in judge/clause.h. Any thread.
#pragma once

#include <cstddef>
#include <string>

#include "judge/clause.h"

namespace lastcall::report {

/// What it promises, why it is broken, what users suffer, and how to mend it on each platform, wrapped to
/// `columns` (clamped to 80…100).
[[nodiscard]] std::string explain(const judge::Clause& clause, std::size_t columns);

/// Every clause with its title and what its users suffer, by chapter.
[[nodiscard]] std::string list_clauses(std::size_t columns);

}  // namespace lastcall::report
