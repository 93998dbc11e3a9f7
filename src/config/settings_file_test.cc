#include "config/settings_file.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/resolve.h"

namespace lastcall::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<SettingsFile> parse(std::string_view text) {
  return parse_settings_file(run_table(), text, "lastcall.toml");
}

SettingsFile parsed(std::string_view text) {
  auto file = parse(text);
  EXPECT_TRUE(file) << file.error().what;
  return file ? *std::move(file) : SettingsFile{};
}

Error refusal(std::string_view text) {
  const auto file = parse(text);
  EXPECT_FALSE(file) << text;
  return file ? Error{} : file.error();
}

Result<Resolved> resolve_file(std::string_view text, const Environment& environment = {}) {
  return parse(text).and_then([&](const SettingsFile& file) { return resolve({}, environment, file); });
}

TEST(SettingsFile, HoldsWhatFlagsSay) {
  const auto resolved = resolve_file(
      "# the service\n"
      "listen = ':9000'\n"
      "grace = \"40s\"\n"
      "workers = 4\n"
      "lame-duck = 0\n"
      "access-log = true\n"
      "forward-headers = false\n"
      "health-path = ['/up', '/healthz']\n"
      "max-head = '16KiB'\n");
  ASSERT_TRUE(resolved) << resolved.error().what;
  EXPECT_EQ(resolved->run.listen, ":9000");
  EXPECT_EQ(resolved->run.grace, Duration(40s));
  EXPECT_EQ(resolved->run.workers, 4U);
  EXPECT_TRUE(resolved->run.access_log);
  EXPECT_FALSE(resolved->run.forward_headers);
  EXPECT_THAT(resolved->run.health_paths, ElementsAre("/up", "/healthz"));
  EXPECT_EQ(resolved->run.max_head, 16384U);
}

TEST(SettingsFile, RemembersTheLineOfEachSetting) {
  const SettingsFile file = parsed("\n\ngrace = '40s'\nhealth-path = '/up'\n");
  EXPECT_EQ(file.at("grace").where, "lastcall.toml:3");
  EXPECT_EQ(file.at("health-path").where, "lastcall.toml:4");
}

TEST(SettingsFile, EveryOptionOfTheTableCanStandInItButThoseThatAreOfOneCall) {
  for_each_option(run_table(), [](const Option& option) {
    const auto file = parse(std::string(option.flag) + " = 'x'");
    EXPECT_EQ(file.has_value(), option.in_file) << option.flag;
  });
}

TEST(SettingsFile, AMistakeIsToldWithItsLineAndItsRemedy) {
  EXPECT_EQ(refusal("grace = '40s'\ndrain-timout = '5s'").what,
            "lastcall.toml:2: unknown setting 'drain-timout'");
  EXPECT_EQ(refusal("drain-timout = '5s'").fix, "did you mean drain-timeout?");
  EXPECT_EQ(refusal("lame_duck = '5s'").fix, "did you mean lame-duck?");
  EXPECT_THAT(refusal("quite-another = 1").fix, HasSubstr("--help"));
  EXPECT_EQ(refusal("config = 'other.toml'").what, "lastcall.toml:1: config cannot be set in a file");
  EXPECT_THAT(refusal("[shutdown]\ngrace = '3s'").fix, HasSubstr("top level"));
  EXPECT_THAT(refusal("grace = '30s'\ngrace = '40s'").what, HasSubstr("lastcall.toml:2: "));
  EXPECT_THAT(refusal("grace = ").what, HasSubstr("lastcall.toml:1: "));
}

TEST(SettingsFile, AValueOfTheWrongTypeIsToldHowToWriteIt) {
  EXPECT_EQ(refusal("grace = true").what, "lastcall.toml:1: grace cannot be a TOML boolean");
  EXPECT_EQ(refusal("grace = 1.5").fix, "write it as grace = \"D\"");
  EXPECT_EQ(refusal("workers = ['1']").what, "lastcall.toml:1: workers cannot be a TOML array");
  EXPECT_EQ(refusal("access-log = 1").fix, "write it as access-log = true");
  EXPECT_EQ(refusal("forward-headers = 1").fix, "write it as forward-headers = true");
  EXPECT_EQ(refusal("health-path = [['/up']]").fix, "write it as health-path = [\"PATH\"]");
  EXPECT_EQ(refusal("grace = 2026-01-01").what, "lastcall.toml:1: grace cannot be a TOML date");
}

TEST(SettingsFile, WhatIsNotAsciiStandsInCommentsOnly) {
  EXPECT_EQ(parsed("# für \"alle\nreport = '#'  # é\n").at("report").values[0], "#");
  EXPECT_EQ(parsed(R"(report = "\u00e9\"\\" # é)").at("report").values[0], "é\"\\");
  EXPECT_EQ(parsed("report = \"\"\"a\"\"\"\"\" # é").at("report").values[0], "a\"\"");
  EXPECT_EQ(parsed("report = '''#'' \"''''# é").at("report").values[0], "#'' \"'");
  EXPECT_EQ(refusal("grace = '1s'\na\u029d = 1").what, "lastcall.toml:2: a character outside ASCII");
  EXPECT_THAT(refusal("report = 'é'").fix, HasSubstr("double quotes"));
  EXPECT_EQ(refusal("report = 0'é'").what, "lastcall.toml:1: a character outside ASCII");
  EXPECT_THAT(refusal("report = \"\"\"\\\né\"\"\"").what, HasSubstr("lastcall.toml:2: "));
}

TEST(SettingsFile, AByteOrderMarkIsNoMistake) {
  EXPECT_EQ(parsed("\xef\xbb\xbfreport = 'a'").at("report").values[0], "a");
  EXPECT_EQ(refusal("\xef\xbb\xbfworkers = 1\nzzz = 2").what, "lastcall.toml:2: unknown setting 'zzz'");
}

TEST(SettingsFile, AStringWithoutAnEndIsToldWithTheLineOnWhichItBegins) {
  const char* const what = "lastcall.toml:2: the string that begins here has no end";
  EXPECT_EQ(refusal("workers = 1\nreport = 'a\nlisten = ':1'").what, what);
  EXPECT_EQ(refusal("workers = 1\nreport = \"a\\\"\nlisten = ':1'").what, what);
  EXPECT_EQ(refusal("workers = 1\nreport = \"\"\"a\n\"\"\n").what, what);
  EXPECT_EQ(refusal("workers = 1\nreport = '''a").what, what);
  EXPECT_EQ(refusal("workers = 1\nreport = 'a").what, what);
}

TEST(SettingsFile, TheFirstMistakeInTheFileIsTheOneThatIsTold) {
  EXPECT_THAT(refusal("workers = 1\nzzz = 1\naaa = 1\n").what, HasSubstr("'zzz'"));
}

TEST(SettingsFile, ABadValueIsNamedByItsLineAndItsKey) {
  const auto resolved = resolve_file("\ngrace = 30\n");
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().what, "lastcall.toml:2: grace: '30' is not a duration: the unit is missing");
  EXPECT_EQ(resolved.error().exit_status, 2);
}

TEST(SettingsFile, TheEnvironmentWinsOverItAndItOverTheDefault) {
  const std::string text = "drain-timeout = '5s'\nreserve = '2s'\n";
  const auto resolved = resolve_file(text, {{"HTTP_DRAIN_TIMEOUT", "10"}});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->run.drain_timeout, Duration(10s));
  EXPECT_EQ(resolved->run.reserve, Duration(2s));
  const auto ours = resolve_file(text, {{"LASTCALL_RESERVE", "3s"}});
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->run.reserve, Duration(3s));
}

TEST(SettingsFile, ItsPathComesFromTheFlagOrTheVariable) {
  const Environment environment = {{"LASTCALL_CONFIG", "/etc/a.toml"}};
  EXPECT_EQ(settings_file_path({}, {}), "");
  EXPECT_EQ(settings_file_path({}, environment), "/etc/a.toml");
  Arguments arguments;
  arguments.given["config"] = {"b.toml"};
  EXPECT_EQ(settings_file_path(arguments, environment), "b.toml");
}

}  // namespace
}  // namespace lastcall::config
