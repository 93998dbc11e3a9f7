#include "judge/clause.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>

namespace lastcall::judge {
namespace {

using testing::IsSupersetOf;
using testing::Not;

constexpr std::string_view kNotJudged[] = {"LC205", "LC302", "LC303", "LC402", "LC403", "LC502"};
constexpr std::size_t kColumns = 76;  // of a terminal of 80, less the indent

std::vector<std::string_view> platforms(const Clause& clause) {
  std::vector<std::string_view> all;
  for (const Fix& fix : clause.fixes) {
    all.push_back(fix.where);
  }
  return all;
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    all.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

TEST(Clauses, StandInTheOrderOfTheirIdsAndEachOnce) {
  EXPECT_TRUE(std::ranges::is_sorted(clauses(), std::ranges::less_equal{}, &Clause::id));
}

TEST(Clauses, SayWhatTheyPromiseWhyTheyAreBrokenAndWhoSuffers) {
  for (const Clause& clause : clauses()) {
    SCOPED_TRACE(clause.id);
    EXPECT_LE(clause.name.size(), 22U);
    EXPECT_THAT(clause.name, Not(testing::IsEmpty()));
    EXPECT_TRUE(clause.what.ends_with('.'));
    EXPECT_TRUE(clause.why.ends_with('.'));
    EXPECT_THAT(clause.suffer, Not(testing::IsEmpty()));
    EXPECT_EQ(clause.suffer.find('\n'), std::string_view::npos);
    EXPECT_LE(clause.suffer.size(), 69U);
    EXPECT_FALSE(clause.suffer.ends_with('.'));
  }
}

TEST(Clauses, ThatCheckJudgesAreMendedOnEveryPlatform) {
  for (const Clause& clause : clauses()) {
    if (std::ranges::find(kNotJudged, clause.id) == std::end(kNotJudged)) {
      SCOPED_TRACE(clause.id);
      EXPECT_THAT(platforms(clause), IsSupersetOf({"Node", "Go", "Python", "Java", "C++", "Kubernetes"}));
    }
  }
}

TEST(Clauses, NameTheWrapperFirstAndEachPlatformOnceInTheSameOrder) {
  const std::vector<std::string_view> order = {"lastcall run", "Node", "Go",        "Python",
                                               "Java",         "C++",  "Kubernetes"};
  for (const Clause& clause : clauses()) {
    SCOPED_TRACE(clause.id);
    const auto all = platforms(clause);
    EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::less_equal{}, [&](std::string_view where) {
      return std::ranges::find(order, where) - order.begin();
    }));
    EXPECT_EQ(
        std::ranges::count_if(
            all, [&](std::string_view where) { return std::ranges::find(order, where) == order.end(); }),
        0);
  }
}

TEST(Clauses, HaveCodeThatFitsATerminal) {
  for (const Clause& clause : clauses()) {
    for (const Fix& fix : clause.fixes) {
      for (const std::string_view line : lines(fix.how)) {
        const bool is_code = line.starts_with("  ");
        EXPECT_TRUE(!is_code || line.size() <= kColumns) << clause.id << ", " << fix.where << ": " << line;
        EXPECT_TRUE(is_code || !line.starts_with(' ')) << clause.id << ", " << fix.where << ": " << line;
      }
    }
  }
}

TEST(Clauses, AreFoundByTheirIdInAnyCase) {
  ASSERT_NE(find_clause("LC201"), nullptr);
  EXPECT_EQ(find_clause("LC201")->title, "Closing the listener resets nobody");
  EXPECT_EQ(find_clause("lc201"), find_clause("LC201"));
  EXPECT_EQ(find_clause("LC200"), nullptr);
  EXPECT_EQ(find_clause("LC2011"), nullptr);
  EXPECT_EQ(find_clause(""), nullptr);
}

}  // namespace
}  // namespace lastcall::judge
