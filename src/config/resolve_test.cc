#include "config/resolve.h"

#include <algorithm>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Surroundings surroundings_of(const Environment& environment) {
  return {.variable =
              [&environment](std::string_view name) {
                const auto found = environment.find(name);
                return found == environment.end() ? std::string() : found->second;
              },
          .file_exists = [](std::string_view) { return false; }};
}

Result<Resolved> resolve_words(const std::vector<std::string>& words, const Environment& environment = {}) {
  return parse_arguments(run_table(), words).and_then([&](const Arguments& arguments) {
    return resolve(arguments, environment, {}, surroundings_of(environment));
  });
}

RunConfig run_config(const std::vector<std::string>& words, const Environment& environment = {}) {
  const auto resolved = resolve_words(words, environment);
  EXPECT_TRUE(resolved) << resolved.error().what;
  return resolved ? resolved->run : RunConfig{};
}

std::string message(const std::vector<std::string>& words, const Environment& environment = {}) {
  const auto resolved = resolve_words(words, environment);
  EXPECT_FALSE(resolved);
  if (resolved) {
    return "";
  }
  EXPECT_EQ(resolved.error().exit_status, 2);
  return resolved.error().what;
}

Setting setting(const Resolved& resolved, std::string_view flag) {
  return *std::ranges::find(resolved.settings, flag, [](const Setting& each) { return each.option->flag; });
}

TEST(Resolve, EveryDefaultOfTheTableIsValid) {
  const RunConfig run = run_config({});
  EXPECT_EQ(run.listen, ":8080");
  EXPECT_EQ(run.admin, "127.0.0.1:9797");
  EXPECT_FALSE(run.admin_asked);
  EXPECT_EQ(run.upstream, "");
  EXPECT_EQ(run.app_port, std::nullopt);
  EXPECT_EQ(run.ready_check.kind, ReadyCheck::Kind::tcp);
  EXPECT_EQ(run.start_timeout, Duration(30s));
  EXPECT_EQ(run.grace, std::nullopt);
  EXPECT_EQ(run.drain_timeout, std::nullopt);
  EXPECT_EQ(run.reserve, Duration(1s));
  EXPECT_EQ(run.idle_grace, Duration(1s));
  EXPECT_EQ(run.lame_duck_max, Duration(0s));
  EXPECT_EQ(run.lame_duck_min, Duration(0s));
  EXPECT_EQ(run.lame_duck_quiet, Duration(0s));
  EXPECT_EQ(run.stop_signal, std::nullopt);
  EXPECT_EQ(run.notify_signal, std::nullopt);
  EXPECT_EQ(run.idle_timeout, Duration(75s));
  EXPECT_EQ(run.max_head, 32768U);
  EXPECT_EQ(run.max_headers, 100U);
  EXPECT_TRUE(run.forward_headers);
  EXPECT_FALSE(run.access_log);
}

TEST(Resolve, AFlagWinsOverOurVariableThatOverOthersAndThoseOverTheDefault) {
  const Environment both = {{"LASTCALL_DRAIN_TIMEOUT", "20s"}, {"HTTP_DRAIN_TIMEOUT", "10"}};
  EXPECT_EQ(run_config({"--drain-timeout", "5s"}, both).drain_timeout, Duration(5s));
  EXPECT_EQ(run_config({}, both).drain_timeout, Duration(20s));
  EXPECT_EQ(run_config({}, {{"HTTP_DRAIN_TIMEOUT", "10"}}).drain_timeout, Duration(10s));
}

TEST(Resolve, EverySourceIsRemembered) {
  const auto resolved =
      resolve_words({"--grace=40s"}, {{"LASTCALL_WORKERS", "3"}, {"HTTP_DRAIN_TIMEOUT", "10"}});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(setting(*resolved, "grace").where, "--grace");
  EXPECT_EQ(setting(*resolved, "workers").where, "LASTCALL_WORKERS");
  EXPECT_EQ(setting(*resolved, "drain-timeout").where, "HTTP_DRAIN_TIMEOUT");
  EXPECT_EQ(setting(*resolved, "drain-timeout").text, "10s");
  EXPECT_EQ(setting(*resolved, "listen").where, "default");
}

TEST(Resolve, OnlyADrainTimeoutOfAnotherToolMayShrink) {
  EXPECT_TRUE(run_config({}, {{"HTTP_DRAIN_TIMEOUT", "10"}}).drain_timeout_may_shrink);
  EXPECT_FALSE(run_config({"--drain-timeout=9s"}, {{"HTTP_DRAIN_TIMEOUT", "10"}}).drain_timeout_may_shrink);
}

TEST(Resolve, APlatformsPresetWinsOverTheDefaultAndNothingElse) {
  const Environment kubernetes = {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}};
  const auto resolved = resolve_words({}, kubernetes);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->platform.name, "Kubernetes");
  EXPECT_EQ(resolved->run.grace, Duration(30s));
  EXPECT_EQ(resolved->run.admin, ":9797");
  EXPECT_FALSE(resolved->run.admin_asked) << "another port will do";
  EXPECT_EQ(resolved->run.lame_duck_max, Duration(8s));
  EXPECT_EQ(resolved->run.lame_duck_min, Duration(3s));
  EXPECT_EQ(resolved->run.lame_duck_quiet, Duration(2s));
  EXPECT_EQ(setting(*resolved, "grace").where, "preset of Kubernetes");

  Environment other = kubernetes;
  other["GRACEFUL_SHUTDOWN_TIMEOUT_MS"] = "20000";
  EXPECT_EQ(run_config({}, other).grace, Duration(20s));
  EXPECT_EQ(run_config({"--lame-duck=0"}, kubernetes).lame_duck_max, Duration(0s));
  EXPECT_EQ(run_config({"--platform=none"}, kubernetes).grace, std::nullopt);
}

TEST(Resolve, ThePlatformCanBeNamed) {
  const auto resolved = resolve_words({"--platform=docker"}, {{"DYNO", "web.1"}});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->run.grace, Duration(10s));
  EXPECT_EQ(resolved->platform.told_by, "");
  EXPECT_THAT(message({"--platform=mainframe"}), HasSubstr("none of auto, none, kubernetes"));
}

TEST(Resolve, WhatFollowsFromAPlatformsGuessMayShrink) {
  const RunConfig run = run_config({"--drain-timeout=60s"}, {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}});
  EXPECT_TRUE(run.drain_timeout_may_shrink);
  EXPECT_TRUE(run.lame_duck_may_shrink);
  EXPECT_FALSE(run_config({"--lame-duck=8s"}).lame_duck_may_shrink);
}

TEST(Resolve, ThePlatformsPortIsListenedOn) {
  EXPECT_EQ(run_config({}, {{"PORT", "3000"}}).listen, ":3000");
  EXPECT_EQ(run_config({"--listen=127.0.0.1:1"}, {{"PORT", "3000"}}).listen, "127.0.0.1:1");
}

TEST(Resolve, TheVariablesOfOtherToolsKeepTheirUnits) {
  const RunConfig run =
      run_config({}, {{"GRACEFUL_SHUTDOWN_TIMEOUT_MS", "2500"}, {"HTTP_DRAIN_TIMEOUT", "1"}});
  EXPECT_EQ(run.grace, Duration(2500ms));
  EXPECT_EQ(run.drain_timeout, Duration(1s));
}

TEST(Resolve, AVariableThatIsEmptyIsNotSet) {
  EXPECT_EQ(run_config({}, {{"LASTCALL_GRACE", ""}, {"PORT", ""}}).listen, ":8080");
}

TEST(Resolve, ABadValueIsNamedByItsSource) {
  EXPECT_THAT(message({"--grace", "5"}), HasSubstr("--grace: '5' is not a duration: the unit is missing"));
  EXPECT_THAT(message({}, {{"LASTCALL_GRACE", "5"}}), HasSubstr("LASTCALL_GRACE: '5'"));
  EXPECT_THAT(message({}, {{"HTTP_DRAIN_TIMEOUT", "5s"}}), HasSubstr("HTTP_DRAIN_TIMEOUT: '5s'"));
  EXPECT_THAT(message({}, {{"PORT", "tcp://10.0.0.1:80"}}), HasSubstr("PORT: 'tcp://10.0.0.1:80'"));
  EXPECT_THAT(message({}, {{"LASTCALL_ACCESS_LOG", "maybe"}}), HasSubstr("LASTCALL_ACCESS_LOG"));
}

TEST(Resolve, ImpossibleValuesAreRefused) {
  const std::vector<std::vector<std::string>> lines = {
      {"--listen="},
      {"--app-port", "0"},
      {"--app-port", "65536"},
      {"--workers", "257"},
      {"--ready-check", "x"},
      {"--health-path", "up"},
      {"--health-path", "/up?x"},
      {"--stop-signal", "X"},
      {"--signal-target", "me"},
      {"--max-head", "1B"},
      {"--max-head", "65KiB"},
      {"--max-headers", "0"},
      {"--log-level", "loud"},
      {"--forward-headers", "so"},
      {"--report="},
  };
  for (const auto& line : lines) {
    EXPECT_THAT(message(line), HasSubstr(line[0].substr(0, line[0].find('='))));
  }
}

TEST(Resolve, ReadyChecksAreKindsOrPaths) {
  EXPECT_EQ(run_config({"--ready-check=none"}).ready_check.kind, ReadyCheck::Kind::none);
  const ReadyCheck check = run_config({"--ready-check", "/up"}).ready_check;
  EXPECT_EQ(check.kind, ReadyCheck::Kind::path);
  EXPECT_EQ(check.path, "/up");
}

TEST(Resolve, HealthPathsAddUp) {
  EXPECT_THAT(run_config({"--health-path", "/up", "--health-path=/healthz"}).health_paths,
              ElementsAre("/up", "/healthz"));
  EXPECT_THAT(run_config({}, {{"LASTCALL_HEALTH_PATH", "/up,/healthz"}}).health_paths,
              ElementsAre("/up", "/healthz"));
}

TEST(Resolve, StatusesOfTheAppAreRemapped) {
  const RunConfig run = run_config({"--remap-exit", "143:0", "--remap-exit=7:3"});
  EXPECT_THAT(run.remap_exit, ElementsAre(std::pair(7, 3), std::pair(143, 0)));
  for (const char* wrong : {"143", "143:", ":0", "256:0", "a:0", "1:2:3"}) {
    EXPECT_THAT(message({"--remap-exit", wrong}), HasSubstr("is not two exit statuses"));
  }
}

TEST(Resolve, SignalsAreNamesOrNumbers) {
  EXPECT_EQ(run_config({"--stop-signal=QUIT"}).stop_signal, SIGQUIT);
  EXPECT_EQ(run_config({"--notify-signal=SIGTSTP"}).notify_signal, SIGTSTP);
  EXPECT_EQ(run_config({"--notify-signal=none"}).notify_signal, std::nullopt);
}

TEST(Resolve, TheAdminListenerCanBeTurnedOff) {
  EXPECT_EQ(run_config({"--admin=off"}).admin, "");
  EXPECT_TRUE(run_config({"--admin=127.0.0.1:9797"}).admin_asked);
}

TEST(Resolve, TheLameDuckFollowsFromItsLength) {
  const RunConfig eight = run_config({"--lame-duck=8s"});
  EXPECT_EQ(eight.lame_duck_min, Duration(3s));
  EXPECT_EQ(eight.lame_duck_quiet, Duration(2s));
  const RunConfig one = run_config({"--lame-duck=1s"});
  EXPECT_EQ(one.lame_duck_min, Duration(500ms));
  EXPECT_EQ(one.lame_duck_quiet, Duration(200ms));
  EXPECT_THAT(message({"--lame-duck=4s", "--lame-duck-min=5s"}),
              HasSubstr("--lame-duck-min: 5s is longer than"));
  EXPECT_THAT(message({"--lame-duck-quiet=5s"}), HasSubstr("--lame-duck-quiet"));
}

TEST(Resolve, AMisspeltVariableIsWarnedAboutButNotTheServiceLinksOfKubernetes) {
  const auto misspelt = resolve_words({}, {{"LASTCALL_DRAIN_TIMOUT", "5s"}});
  ASSERT_TRUE(misspelt);
  EXPECT_THAT(misspelt->warnings, ElementsAre(HasSubstr("did you mean LASTCALL_DRAIN_TIMEOUT?")));
  const auto linked =
      resolve_words({}, {{"LASTCALL_PORT", "tcp://10.0.0.1:80"}, {"LASTCALL_SERVICE_HOST", "10.0.0.1"}});
  ASSERT_TRUE(linked);
  EXPECT_THAT(linked->warnings, IsEmpty());
}

TEST(Resolve, TheControlSocketIsAPathOrAWord) {
  EXPECT_EQ(run_config({}).control, ControlSocket::automatic);
  EXPECT_EQ(run_config({"--control", "off"}).control, ControlSocket::off);
  const RunConfig asked = run_config({"--control", "./app.sock"});
  EXPECT_EQ(asked.control, ControlSocket::asked);
  EXPECT_EQ(asked.control_path, "./app.sock");
  EXPECT_THAT(message({"--control", "app.sock"}), HasSubstr("none of auto, off and the path"));
  EXPECT_THAT(message({"--control", "@/name"}), HasSubstr("none of auto, off and the path"));
}

TEST(Resolve, BuffersHaveABound) {
  const RunConfig run = run_config({"--buffer-request", "1MiB", "--buffer-response", "1GiB"});
  EXPECT_EQ(run.buffer_request, 1U << 20U);
  EXPECT_EQ(run.buffer_response, 1U << 30U);
  EXPECT_EQ(run_config({}).buffer_request, 0U);
  EXPECT_THAT(message({"--buffer-request", "2GiB"}), HasSubstr("'2GiB' is more than 1GiB"));
}

TEST(Resolve, AnErrorPageIsForAStatusThatIsOurs) {
  const RunConfig run = run_config({"--error-page", "503=/a.html", "--error-page", "502=/b=c.html"});
  ASSERT_EQ(run.error_pages.size(), 2U);
  EXPECT_EQ(run.error_pages[0].status, 503);
  EXPECT_EQ(run.error_pages[1].file, "/b=c.html");
  EXPECT_THAT(message({"--error-page", "404=/a.html"}), HasSubstr("lastcall itself never answers 404"));
  EXPECT_THAT(message({"--error-page", "503"}), HasSubstr("'503' is not STATUS=FILE"));
  EXPECT_THAT(message({"--error-page", "503="}), HasSubstr("'503=' is not STATUS=FILE"));
}

}  // namespace
}  // namespace lastcall::config
