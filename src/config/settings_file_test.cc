#include "config/settings_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/resolve.h"
#include "config/spelling.h"

namespace lastcall::config {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
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
      "lame-duck = '0'\n"
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
    const auto file = parse(line_like(option, ""));
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
}

TEST(SettingsFile, EachOptionHasOneTypeAndAnotherOneIsToldHowToWriteIt) {
  const auto told = [](std::string_view line) {
    const Error error = refusal(line);
    return error.what + "; " + error.fix;
  };
  EXPECT_EQ(told("grace = true"),
            "lastcall.toml:1: grace is a string with its unit, not a boolean; write it as grace = \"30s\"");
  EXPECT_THAT(told("grace = 30"), EndsWith("not a whole number; write it as grace = \"30s\""));
  EXPECT_THAT(told("grace = 1.5"), EndsWith("not a fraction; write it as grace = \"1.5s\""));
  EXPECT_THAT(told("grace = 2026-01-01"), EndsWith("not a date or a time; write it as grace = \"30s\""));
  EXPECT_THAT(told("lame-duck = 0"), EndsWith("write it as lame-duck = \"0\""));
  EXPECT_THAT(told("max-body = 10"), EndsWith("write it as max-body = \"10B\""));
  EXPECT_EQ(told("workers = '4'"),
            "lastcall.toml:1: workers is a whole number, not a string; write it as workers = 4");
  EXPECT_THAT(told("workers = ['1']"), EndsWith("not an array; write it as workers = 4"));
  EXPECT_THAT(told("app-port = '3000'"), EndsWith("write it as app-port = 3000"));
  EXPECT_EQ(told("access-log = 'off'"),
            "lastcall.toml:1: access-log is true or false, not a string; write it as access-log = false");
  EXPECT_THAT(told("forward-headers = 'off'"), EndsWith("write it as forward-headers = false"));
  EXPECT_THAT(told("access-log = 1"), EndsWith("write it as access-log = true"));
  EXPECT_THAT(told("listen = 8080"),
              EndsWith("is a string, not a whole number; write it as listen = \"8080\""));
  EXPECT_THAT(told("health-path = [['/up']]"), EndsWith("write it as health-path = [\"PATH\"]"));
}

TEST(SettingsFile, ANumberThatHasAWordTooTakesItAsAString) {
  EXPECT_EQ(parsed("app-port = 'auto'").at("app-port").values[0], "auto");
}

TEST(SettingsFile, AByteOrderMarkIsNoMistake) {
  EXPECT_EQ(parsed("\xef\xbb\xbfreport = 'a'").at("report").values[0], "a");
  EXPECT_EQ(refusal("\xef\xbb\xbfworkers = 1\nzzz = 2").what, "lastcall.toml:2: unknown setting 'zzz'");
}

TEST(SettingsFile, TheFirstMistakeInTheFileIsTheOneThatIsTold) {
  EXPECT_THAT(refusal("workers = 1\nzzz = 1\naaa = 1\n").what, HasSubstr("'zzz'"));
}

TEST(SettingsFile, ABadValueIsNamedByItsLineAndItsKey) {
  const auto resolved = resolve_file("\ngrace = '30'\n");
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
