#include "report/explain.h"

#include <sstream>

#include <gmock/gmock.h>

#include "report/prose.h"

namespace lastcall::report {
namespace {

using testing::HasSubstr;

/// The first line that is longer, or nothing.
std::string longer_than(std::size_t columns, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (width(line) > columns) {
      return line;
    }
  }
  return "";
}

TEST(Explain, TellsThePromiseWhatUsersSufferAndTheFixForEachPlatform) {
  const std::string text = explain(*judge::find_clause("LC201"), 100);
  EXPECT_THAT(text, testing::StartsWith("LC201       Closing the listener resets nobody\n"));
  EXPECT_THAT(text, HasSubstr("connection reset on every deploy"));
  EXPECT_THAT(text, HasSubstr("\n  lastcall run\n"));
  EXPECT_THAT(text, HasSubstr("\n  Go\n"));
  EXPECT_THAT(text, HasSubstr("\n      raw, err := ln.(*net.TCPListener).SyscallConn()\n"));
  EXPECT_THAT(text, HasSubstr("\n  Kubernetes\n"));
}

TEST(Explain, FitsATerminalOf80) {
  for (const judge::Clause& clause : judge::clauses()) {
    EXPECT_EQ(longer_than(80, explain(clause, 20)), "") << clause.id;
  }
  EXPECT_EQ(longer_than(80, list_clauses(80)), "");
}

TEST(Explain, ListsEveryClauseByChapter) {
  const std::string text = list_clauses(100);
  for (const judge::Clause& clause : judge::clauses()) {
    EXPECT_THAT(text, HasSubstr("  " + std::string(clause.id) + "  " + std::string(clause.title) + "\n"));
  }
  EXPECT_THAT(text, testing::StartsWith("Signals and readiness\n  LC101"));
  EXPECT_THAT(text, HasSubstr("\n\nThe account\n  LC501"));
}

}  // namespace
}  // namespace lastcall::report
