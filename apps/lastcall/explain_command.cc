// `lastcall explain`: the contract's clauses, for whoever has met one in a verdict.
#include <vector>

#include "commands.h"
#include "config/suggest.h"
#include "report/explain.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

/// "201" is as good as "LC201".
const judge::Clause* find(const std::string& word) {
  const judge::Clause* const clause = judge::find_clause(word);
  return clause != nullptr ? clause : judge::find_clause("LC" + word);
}

std::string nearest_id(std::string word) {
  for (char& c : word) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  std::vector<std::string> ids;
  for (const judge::Clause& clause : judge::clauses()) {
    ids.emplace_back(clause.id);
  }
  const std::string id = config::nearest(word, ids);
  return id.empty() ? config::nearest("LC" + word, ids) : id;
}

Error unknown_clause(const std::string& word) {
  const std::string nearest = nearest_id(word);
  return {.what = "the contract has no clause '" + word + "'",
          .fix = nearest.empty() ? "lastcall explain lists them"
                                 : "did you mean " + nearest + "? lastcall explain lists them",
          .exit_status = 2};
}

}  // namespace

int explain_command(std::span<const std::string> words) {
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    return print_help("explain");
  }
  const auto columns = static_cast<std::size_t>(sys::terminal_width(1));
  if (words.empty()) {
    return print(report::list_clauses(columns));
  }
  if (words.size() > 1) {
    return complain(
        {.what = "explain takes one id", .fix = "lastcall explain " + words.front(), .exit_status = 2});
  }
  const judge::Clause* const clause = find(words.front());
  return clause == nullptr ? complain(unknown_clause(words.front()))
                           : print(report::explain(*clause, columns));
}

}  // namespace lastcall
