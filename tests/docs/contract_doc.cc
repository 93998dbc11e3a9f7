// Prints the clauses as docs/contract.md lists them: id, title, and whether `run` meets it ("run" or "-").
#include <algorithm>
#include <cstdio>
#include <string>

#include "judge/clause.h"

namespace {

using lastcall::judge::Clause;
using lastcall::judge::Fix;

bool run_meets(const Clause& clause) {
  return std::ranges::find(clause.fixes, "lastcall run", &Fix::where) != clause.fixes.end();
}

}  // namespace

int main() {
  for (const Clause& clause : lastcall::judge::clauses()) {
    std::printf("%s | %s | %s\n", std::string(clause.id).c_str(), std::string(clause.title).c_str(),
                run_meets(clause) ? "run" : "-");
  }
  return 0;
}
