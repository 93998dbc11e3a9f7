#include "judge/clause.h"

#include <algorithm>
#include <vector>

#include "judge/clause_table.h"

namespace lastcall::judge {
namespace {

std::vector<Clause> concatenate() {
  std::vector<Clause> all;
  for (const auto part : {signal_clauses(), connection_clauses(), protocol_clauses(), ending_clauses()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::span<const Clause> clauses() {
  static const std::vector<Clause> all = concatenate();
  return all;
}

const Clause* find_clause(std::string_view id) {
  const auto found = std::ranges::find_if(
      clauses(), [id](const Clause& clause) { return std::ranges::equal(clause.id, id, {}, {}, upper); });
  return found == clauses().end() ? nullptr : &*found;
}

}  // namespace lastcall::judge
