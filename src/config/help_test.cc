#include "config/help.h"

#include <algorithm>
#include <iterator>
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

const Table* const kTables[] = {&run_table(), &check_table(), &manifest_table()};

class Options : public testing::TestWithParam<const Table*> {};

INSTANTIATE_TEST_SUITE_P(OfEachTable, Options, testing::ValuesIn(kTables),
                         [](const auto& each) { return std::string(each.param->command); });

TEST_P(Options, NamesAreLowerCaseAndUnique) {
  std::set<std::string> seen;
  for_each_option(*GetParam(), [&seen](const Option& option) {
    EXPECT_EQ(option.flag.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << option.flag;
    EXPECT_TRUE(seen.insert(option.environment_name()).second) << option.flag;
    for (const Alias& alias : option.aliases) {
      EXPECT_TRUE(seen.insert(std::string(alias.name)).second) << alias.name;
    }
  });
}

TEST_P(Options, EachSaysWhatItDoesAndWhatHoldsWithoutIt) {
  for_each_option(*GetParam(), [](const Option& option) {
    EXPECT_TRUE(option.help.ends_with('.')) << option.flag;
    EXPECT_NE(option.standard.empty(), option.otherwise.empty()) << option.flag;
    EXPECT_LE(option.help.size(), 240U) << option.flag;
  });
}

TEST_P(Options, NoLineIsWiderThanTheTerminal) {
  for (const std::size_t columns : {80UL, 90UL, 100UL}) {
    for (const std::string& line : lines_of(help_text(*GetParam(), columns))) {
      EXPECT_LE(line.size(), columns) << line;
    }
  }
  EXPECT_EQ(help_text(*GetParam(), 0), help_text(*GetParam(), 80));
  EXPECT_EQ(help_text(*GetParam(), 5000), help_text(*GetParam(), 100));
}

TEST_P(Options, EveryOneAndEveryAliasIsInTheHelpAndInTheDocumentation) {
  const Table& table = *GetParam();
  for_each_option(table, [&table](const Option& option) {
    for (const std::string& text : {help_text(table, 100), options_markdown(table)}) {
      EXPECT_THAT(text, HasSubstr("--" + std::string(option.flag)));
      for (const Alias& alias : option.aliases) {
        EXPECT_THAT(text, HasSubstr(std::string(alias.name)));
      }
    }
    const bool named = options_markdown(table).find(option.environment_name()) != std::string::npos;
    EXPECT_EQ(named, table.environment);
  });
}

std::vector<std::string> words_of(const Option& option) {
  std::istringstream stream{std::string(option.words)};
  return {std::istream_iterator<std::string>(stream), {}};
}

TEST_P(Options, TakeTheWordsThatAreOfferedForThem) {
  for_each_option(*GetParam(), [](const Option& option) {
    for (const std::string& word : words_of(option)) {
      const bool taken = std::visit(
          [&word]<class Config>(SetterOf<Config> set) {
            Config config;
            return set(config, word).has_value();
          },
          option.set);
      EXPECT_TRUE(taken) << option.flag << " " << word;
    }
  });
}

/// What the option says to a word that it does not know; empty if it knows it.
std::string error_of(const Option& option) {
  return std::visit(
      []<class Config>(SetterOf<Config> set) {
        Config config;
        const auto taken = set(config, "neither");
        return taken ? std::string() : taken.error().what;
      },
      option.set);
}

/// Of an error such as "'neither' is none of tcp, notify, none and a path": tcp, notify, none.
std::vector<std::string> words_named(const std::string& error) {
  constexpr std::string_view kIntroduction = "is none of ";
  const std::size_t begin = error.find(kIntroduction);
  if (begin == std::string::npos) {
    return {};
  }
  std::string list = error.substr(begin + kIntroduction.size());
  list.resize(std::min(list.find(" and "), list.size()));
  std::erase(list, ',');
  std::istringstream stream(list);
  return {std::istream_iterator<std::string>(stream), {}};
}

TEST_P(Options, OfferTheWordsThatTheirErrorNames) {
  for_each_option(*GetParam(), [](const Option& option) {
    const std::vector<std::string> named = words_named(error_of(option));
    const bool offers = !named.empty() && !option.words.empty();
    if (!offers) {
      return;
    }
    EXPECT_THAT(words_of(option), testing::UnorderedElementsAreArray(named)) << option.flag;
    for (const std::string& word : named) {
      EXPECT_NE(option.help.find(word), std::string_view::npos) << option.flag << " " << word;
    }
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
