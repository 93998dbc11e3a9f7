#include "report/explain.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "report/prose.h"

namespace lastcall::report {
namespace {

constexpr std::size_t kMinColumns = 80;
constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kLabel = 12;

/// The chapters of docs/contract.md: LC2xx stand in the second.
constexpr std::array<std::string_view, 5> kChapters = {"Signals and readiness", "Connections", "Time",
                                                       "The end", "The account"};

std::size_t chapter_of(const judge::Clause& clause) {
  return static_cast<std::size_t>(clause.id[2] - '1');
}

}  // namespace

std::string explain(const judge::Clause& clause, std::size_t columns) {
  columns = std::clamp(columns, kMinColumns, kMaxColumns);
  std::string out = wrap_after(clause.id, clause.title, kLabel, columns) + "\n";
  out += wrap_after("  promise", clause.what, kLabel, columns) + "\n";
  out += wrap_after("  broken by", clause.why, kLabel, columns) + "\n";
  out += wrap_after("  users", clause.suffer, kLabel, columns);
  for (const judge::Fix& fix : clause.fixes) {
    out.append("\n  ").append(fix.where).append("\n");
    out += wrap(fix.how, 4, columns);
  }
  return out;
}

std::string list_clauses(std::size_t columns) {
  columns = std::clamp(columns, kMinColumns, kMaxColumns);
  std::string out;
  std::size_t chapter = kChapters.size();
  for (const judge::Clause& clause : judge::clauses()) {
    if (chapter_of(clause) != chapter) {
      chapter = chapter_of(clause);
      out.append(out.empty() ? "" : "\n").append(kChapters[chapter]).append("\n");
    }
    out += wrap_after("  " + std::string(clause.id), clause.title, 9, columns);
    out += wrap(clause.suffer, 11, columns);
  }
  return out + "\n" +
         wrap("lastcall explain LC201 says what it promises, why it is broken, and how to mend it.", 0,
              columns);
}

}  // namespace lastcall::report
