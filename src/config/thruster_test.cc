#include "config/thruster.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/resolve.h"

namespace lastcall::config {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Result<Resolved> under(Compat compat, const Environment& environment, const SettingsFile& file = {}) {
  Arguments arguments;
  if (compat == Compat::thruster) {
    arguments.given["compat"] = {"thruster"};
  }
  return resolve(arguments, environment, file);
}

RunConfig thrust(const Environment& environment) {
  const auto resolved = under(Compat::thruster, environment);
  EXPECT_TRUE(resolved) << resolved.error().what;
  return resolved ? resolved->run : RunConfig{};
}

std::vector<std::string> told(const Environment& environment) {
  const auto differences = thruster_differences(environment);
  EXPECT_TRUE(differences);
  return differences.value_or(std::vector<std::string>{});
}

TEST(Thruster, WithoutAVariableItsDefaultsHold) {
  const RunConfig run = thrust({});
  EXPECT_EQ(run.listen, ":80");
  EXPECT_EQ(run.app_port, 3000);
  EXPECT_EQ(run.idle_timeout, Duration(60s));
  EXPECT_EQ(run.header_timeout, Duration(30s));
  EXPECT_EQ(run.max_body, 0U);
  EXPECT_TRUE(run.forward_headers);
  EXPECT_TRUE(run.access_log);
  EXPECT_TRUE(run.error_pages.empty());
  EXPECT_EQ(run.log_level, LogLevel::info);
}

TEST(Thruster, EachOfItsVariablesSetsWhatItSetsThere) {
  const RunConfig run = thrust({{"HTTP_PORT", "8081"},
                                {"TARGET_PORT", "3001"},
                                {"HTTP_IDLE_TIMEOUT", "90"},
                                {"HTTP_READ_TIMEOUT", "5"},
                                {"MAX_REQUEST_BODY", "1000"},
                                {"FORWARD_HEADERS", "false"},
                                {"LOG_REQUESTS", "0"},
                                {"BAD_GATEWAY_PAGE", "public/502.html"},
                                {"DEBUG", "true"}});
  EXPECT_EQ(run.listen, ":8081");
  EXPECT_EQ(run.app_port, 3001);
  EXPECT_EQ(run.idle_timeout, Duration(90s));
  EXPECT_EQ(run.header_timeout, Duration(5s));
  EXPECT_EQ(run.max_body, 1000U);
  EXPECT_FALSE(run.forward_headers);
  EXPECT_FALSE(run.access_log);
  ASSERT_EQ(run.error_pages.size(), 1U);
  EXPECT_EQ(run.error_pages[0].status, 502);
  EXPECT_EQ(run.error_pages[0].file, "public/502.html");
  EXPECT_EQ(run.log_level, LogLevel::debug);
}

TEST(Thruster, ThePrefixedNameWins) {
  EXPECT_EQ(thrust({{"THRUSTER_HTTP_PORT", "81"}, {"HTTP_PORT", "82"}}).listen, ":81");
  EXPECT_EQ(thrust({{"THRUSTER_LOG_REQUESTS", "f"}, {"LOG_REQUESTS", "t"}}).access_log, false);
}

TEST(Thruster, PortIsTheAppsAndNotHeeded) {
  EXPECT_EQ(thrust({{"PORT", "5000"}}).listen, ":80");
}

TEST(Thruster, OurOwnNamesAndTheSettingsFileAreStronger) {
  EXPECT_EQ(thrust({{"LASTCALL_LISTEN", ":1"}, {"HTTP_PORT", "2"}}).listen, ":1");
  const SettingsFile file = {{"listen", {{":4"}, "f:1"}}};
  const auto resolved = under(Compat::thruster, {}, file);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->run.listen, ":4");
}

TEST(Thruster, WithoutTheSwitchItsNamesMeanNothing) {
  const auto resolved = under(Compat::none, {{"HTTP_PORT", "81"},
                                             {"TARGET_PORT", "3001"},
                                             {"LOG_REQUESTS", "1"},
                                             {"DEBUG", "1"},
                                             {"THRUSTER_HTTP_PORT", "81"},
                                             {"TLS_DOMAIN", "example.org"}});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->run.listen, ":8080");
  EXPECT_EQ(resolved->run.app_port, std::nullopt);
  EXPECT_FALSE(resolved->run.access_log);
  EXPECT_TRUE(resolved->warnings.empty());
}

TEST(Thruster, TheSwitchCanStandInTheEnvironmentAndInTheFile) {
  const auto by_variable = resolve({}, {{"LASTCALL_COMPAT", "thruster"}});
  ASSERT_TRUE(by_variable);
  EXPECT_EQ(by_variable->run.listen, ":80");
  const auto by_file = resolve({}, {}, {{"compat", {{"thruster"}, "f:1"}}});
  ASSERT_TRUE(by_file);
  EXPECT_EQ(by_file->run.listen, ":80");
  const auto unknown = resolve({}, {{"LASTCALL_COMPAT", "trhuster"}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().what, "LASTCALL_COMPAT: 'trhuster' is none of none, thruster");
}

TEST(Thruster, ABadValueIsNamedAsItWasFound) {
  const auto resolved = under(Compat::thruster, {{"THRUSTER_HTTP_PORT", "eighty"}});
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().what, "THRUSTER_HTTP_PORT: 'eighty' is not a bare whole number");
  const auto truth = under(Compat::thruster, {{"LOG_REQUESTS", "sometimes"}});
  ASSERT_FALSE(truth);
  EXPECT_EQ(truth.error().what, "LOG_REQUESTS: 'sometimes' is neither true nor false");
}

TEST(Thruster, WhatItDoesByItselfAndWeDoNotIsToldAlways) {
  EXPECT_THAT(told({}),
              ElementsAre(AllOf(HasSubstr("caches"), HasSubstr("compresses"), HasSubstr("X-Sendfile"))));
}

TEST(Thruster, WhatIsAskedForAndNotDoneIsToldByName) {
  for (const auto& [name, value] : Environment{{"CACHE_SIZE", "1000"},
                                               {"MAX_CACHE_ITEM_SIZE", "1000"},
                                               {"GZIP_COMPRESSION_ENABLED", "1"},
                                               {"X_SENDFILE_ENABLED", "true"},
                                               {"H2C_ENABLED", "1"},
                                               {"HTTP_READ_TIMEOUT", "30"},
                                               {"HTTP_WRITE_TIMEOUT", "30"},
                                               {"THRUSTER_H2C_ENABLED", "1"}}) {
    EXPECT_THAT(told({{name, value}}), Contains(HasSubstr("=" + value + ": lastcall "))) << name;
  }
}

TEST(Thruster, WhatIsTurnedOffIsNotMissed) {
  for (const auto& [name, value] : Environment{{"CACHE_SIZE", "0"},
                                               {"GZIP_COMPRESSION_ENABLED", "false"},
                                               {"X_SENDFILE_ENABLED", "0"},
                                               {"H2C_ENABLED", "F"}}) {
    EXPECT_THAT(told({{name, value}}), Not(Contains(HasSubstr(name)))) << name;
  }
}

TEST(Thruster, TlsIsRefusedAndNotLeftOut) {
  for (const std::string name : {"TLS_DOMAIN", "THRUSTER_TLS_DOMAIN"}) {
    const auto resolved = under(Compat::thruster, {{name, "example.org"}});
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().exit_status, 2);
    EXPECT_THAT(resolved.error().fix, HasSubstr("unset TLS_DOMAIN"));
  }
}

}  // namespace
}  // namespace lastcall::config
