#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/settings_file.h"

namespace lastcall::config {
namespace {

/// What is said of a file that is refused, with its remedy.
std::string told(std::string_view text) {
  const auto file = parse_settings_file(run_table(), text, "t.toml");
  return file ? "accepted" : file.error().what + "; " + file.error().fix;
}

std::string value_of(std::string_view text, std::string_view flag) {
  const auto file = parse_settings_file(run_table(), text, "t.toml");
  return file ? file->find(flag)->second.values[0] : file.error().what;
}

TEST(SettingsSyntax, ASettingThatIsGivenTwiceIsToldWithBothLines) {
  EXPECT_EQ(told("grace = '30s'\n\ngrace = '40s'"),
            "t.toml:3:9: grace is set twice, first on line 1; leave one of them out");
}

TEST(SettingsSyntax, AValueWithoutQuotesIsToldWithThem) {
  EXPECT_EQ(told("\ngrace = 30s # each"),
            "t.toml:2:11: '30s' is no value of TOML; write it as grace = \"30s\"");
  EXPECT_EQ(told("grace = 30 s"), "t.toml:1:12: '30 s' is no value of TOML; write it as grace = \"30s\"");
  EXPECT_EQ(told("listen = :80"), "t.toml:1:10: ':80' is no value of TOML; write it as listen = \":80\"");
  EXPECT_THAT(told("report = \"a\\b.json\\q\""), testing::HasSubstr("write it as report = 'a\\b.json\\q'"));
  EXPECT_THAT(told("health-path = [/up]"), testing::HasSubstr("write it as health-path = [\"/up\"]"));
  EXPECT_THAT(told("max-head = 16K"), testing::HasSubstr("write it as max-head = \"32KiB\""));
}

TEST(SettingsSyntax, ASwitchAndANumberAreToldInTheSpellingOfToml) {
  EXPECT_EQ(told("access-log = on"), "t.toml:1:14: 'on' is no value of TOML; write it as access-log = true");
  EXPECT_THAT(told("access-log = False"), testing::HasSubstr("write it as access-log = false"));
  EXPECT_THAT(told("workers = 04"), testing::HasSubstr("write it as workers = 4"));
}

TEST(SettingsSyntax, WhatIsMissingBetweenKeyAndValueIsNamed) {
  EXPECT_EQ(told("grace = "), "t.toml:1:9: grace has no value; write it as grace = \"30s\"");
  EXPECT_EQ(told("grace: 20s"),
            "t.toml:1:6: there is no = between grace and its value; write it as grace = \"20s\"");
  EXPECT_THAT(told("grace 20s"), testing::HasSubstr("no = between"));
}

TEST(SettingsSyntax, AnArrayWithoutAnEndIsToldAsSuchAndNotTheLineAfterIt) {
  EXPECT_EQ(told("health-path = ['/up',\nworkers = 4"),
            "t.toml:2:1: the array that begins above has no end; close it with ]");
}

TEST(SettingsSyntax, ATypingErrorInAKeyWinsOverWhatIsWrongWithItsValue) {
  EXPECT_EQ(told("drain-timout = 5s"),
            "t.toml:1:17: unknown setting 'drain-timout'; did you mean drain-timeout?");
}

TEST(SettingsSyntax, WhatIsNoSettingAtAllIsToldHowOneLooks) {
  EXPECT_THAT(told("{ \"grace\": \"30s\" }"), testing::HasSubstr("a setting is written so: grace = \"30s\""));
  EXPECT_THAT(told("= 3"), testing::HasSubstr("t.toml:1:1: this is neither a setting nor a comment"));
  EXPECT_THAT(told("[shutdown"), testing::HasSubstr("every setting stands at the top level"));
}

TEST(SettingsSyntax, WhatIsNotAsciiStandsInCommentsOnlyAndIsToldItsEscape) {
  EXPECT_EQ(value_of("# für \"alle\nreport = '#'  # é\n", "report"), "#");
  EXPECT_EQ(value_of(R"(report = "\u00e9\"\\" # é)", "report"), "é\"\\");
  EXPECT_EQ(value_of("report = \"\"\"a\"\"\"\"\" # é", "report"), "a\"\"");
  EXPECT_EQ(value_of("report = '''#'' \"''''# é", "report"), "#'' \"'");
  EXPECT_EQ(told("report = \"é\""),
            "t.toml:1:11: 'é' is not ASCII, as all but comments must be; write it as \\u00e9");
  EXPECT_THAT(told("report = '😀'"),
              testing::EndsWith("put the text in double quotes, and write it there as \\U0001f600"));
  EXPECT_THAT(told("grace = '1s'\na\u029d = 1"), testing::StartsWith("t.toml:2:2: 'ʝ' is not ASCII"));
  EXPECT_THAT(told("report = 0'é'"), testing::HasSubstr("'é' is not ASCII"));
  EXPECT_THAT(told("report = \"\"\"\\\né\"\"\""), testing::StartsWith("t.toml:2:1: "));
}

TEST(SettingsSyntax, WhatIsNoTextIsNamedInCommentsToo) {
  EXPECT_EQ(told("# \xe9\n"), "t.toml:1:3: a byte that is no UTF-8; save the file as UTF-8");
  EXPECT_THAT(told("report = 'a\x01'"), testing::StartsWith("t.toml:1:12: a control character"));
  EXPECT_THAT(told("# \x7f\n"), testing::StartsWith("t.toml:1:3: a control character"));
  EXPECT_EQ(value_of("report = 'a'\r\n# b\r\n", "report"), "a");
}

TEST(SettingsSyntax, AStringWithoutAnEndIsToldWithThePlaceWhereItBegins) {
  const auto* const what = "t.toml:2:10: the string that begins here has no end";
  for (const auto* const text :
       {"workers = 1\nreport = 'a\nlisten = ':1'", "workers = 1\nreport = \"a\\\"\nlisten = ':1'",
        "workers = 1\nreport = \"\"\"a\n\"\"\n", "workers = 1\nreport = '''a", "workers = 1\nreport = 'a"}) {
    EXPECT_THAT(told(text), testing::StartsWith(what)) << text;
  }
}

}  // namespace
}  // namespace lastcall::config
