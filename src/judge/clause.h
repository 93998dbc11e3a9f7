// The contract's clauses as people need them: what each promises, what its users suffer when it is broken,
// and how to mend it on each platform. The one table behind findings, `lastcall explain` and
// docs/contract.md's ids. Text only; the rules that judge them stand in rules.h.
#pragma once

#include <span>
#include <string_view>

namespace lastcall::judge {

struct Fix {
  std::string_view where;  ///< "lastcall run", "Node", "Go", "Python", "Java", "C++", "Kubernetes"
  std::string_view how;    ///< sentences; a line that begins with two spaces is code, to be kept as it stands
};

struct Clause {
  std::string_view id;         ///< "LC201"
  std::string_view title;      ///< "Closing the listener resets nobody"
  std::string_view name;       ///< "closing the listener": where the title is too long
  std::string_view what;       ///< the promise, whole sentences
  std::string_view why;        ///< why it is broken so often, and how it shows
  std::string_view suffer;     ///< what a user suffers, one line: "connection reset on every deploy"
  std::span<const Fix> fixes;  ///< first "lastcall run" if wrapping the app is enough
};

/// In the order of their ids.
[[nodiscard]] std::span<const Clause> clauses();

/// Null if there is none; the id in any case of letters.
[[nodiscard]] const Clause* find_clause(std::string_view id);

}  // namespace lastcall::judge
