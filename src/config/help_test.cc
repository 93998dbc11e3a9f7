#include "config/help.h"

#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::config {
namespace {

using testing::HasSubstr;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

TEST(Options, NamesAreLowerCaseAndUnique) {
  std::set<std::string> seen;
  for_each_option([&seen](const Option& option) {
    EXPECT_EQ(option.flag.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << option.flag;
    EXPECT_TRUE(seen.insert(option.environment_name()).second) << option.flag;
    for (const Alias& alias : option.aliases) {
      EXPECT_TRUE(seen.insert(std::string(alias.name)).second) << alias.name;
    }
  });
}

TEST(Options, EachSaysWhatItDoesAndWhatHoldsWithoutIt) {
  for_each_option([](const Option& option) {
    EXPECT_TRUE(option.help.ends_with('.')) << option.flag;
    EXPECT_NE(option.standard.empty(), option.otherwise.empty()) << option.flag;
    EXPECT_LE(option.help.size(), 240U) << option.flag;
  });
}

TEST(Help, NoLineIsWiderThanTheTerminal) {
  for (const std::size_t columns : {80UL, 90UL, 100UL}) {
    for (const std::string& line : lines_of(help_text(columns))) {
      EXPECT_LE(line.size(), columns) << line;
    }
  }
  EXPECT_EQ(help_text(0), help_text(80));
  EXPECT_EQ(help_text(5000), help_text(100));
}

TEST(Help, EveryOptionAndEveryAliasIsInTheHelpAndInTheDocumentation) {
  for_each_option([](const Option& option) {
    for (const std::string& text : {help_text(100), options_markdown()}) {
      EXPECT_THAT(text, HasSubstr("--" + std::string(option.flag)));
      for (const Alias& alias : option.aliases) {
        EXPECT_THAT(text, HasSubstr(std::string(alias.name)));
      }
    }
    EXPECT_THAT(options_markdown(), HasSubstr(option.environment_name()));
  });
}

TEST(Help, DescribeGivesEveryOptionWithItsValueAndSource) {
  const auto resolved = resolve({}, {{"PORT", "3000"}, {"LASTCALL_GRACE", "30s"}});
  ASSERT_TRUE(resolved);
  const std::string text = describe(*resolved);
  EXPECT_EQ(lines_of(text).size(), resolved->settings.size());
  EXPECT_THAT(text, testing::ContainsRegex("--listen +:3000 +PORT\n"));
  EXPECT_THAT(text, testing::ContainsRegex("--grace +30s +LASTCALL_GRACE\n"));
  EXPECT_THAT(text, testing::ContainsRegex("--workers +0 +default\n"));
  EXPECT_THAT(text, testing::ContainsRegex("--stop-signal +\\(the one received\\) +default\n"));
}

}  // namespace
}  // namespace lastcall::config
