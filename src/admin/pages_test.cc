#include "admin/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/test_source.h"

namespace lastcall::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

Response get(const Source& source, std::string_view path, std::string_view accept = "*/*") {
  return answer({.path = path, .accept = accept}, source);
}

constexpr std::string_view kLive[] = {"/livez", "/health/live"};
constexpr std::string_view kReady[] = {"/readyz", "/health/ready", "/healthz", "/up", "/api/health"};
constexpr drain::Phase kPhases[] = {drain::Phase::starting, drain::Phase::serving,  drain::Phase::lame_duck,
                                    drain::Phase::draining, drain::Phase::stopping, drain::Phase::stopped};

TEST(Pages, LivenessStaysWellToTheVeryEnd) {
  TestSource source;
  for (const drain::Phase phase : kPhases) {
    source.view.readiness.phase = phase;
    for (const std::string_view path : kLive) {
      EXPECT_EQ(get(source, path).status, 200) << path;
    }
  }
}

TEST(Pages, ReadinessIsWellOnlyWhileServing) {
  TestSource source;
  for (const drain::Phase phase : kPhases) {
    source.view.readiness.phase = phase;
    for (const std::string_view path : kReady) {
      const Response response = get(source, path);
      EXPECT_EQ(response.status, phase == drain::Phase::serving ? 200 : 503) << path << to_string(phase);
      EXPECT_EQ(response.failed_probe, phase != drain::Phase::serving);
    }
  }
}

TEST(Pages, AFailedProbeSaysWhy) {
  TestSource source;
  EXPECT_EQ(get(source, "/readyz").body, "ready\n");
  source.view.readiness.app_answers = false;
  EXPECT_EQ(get(source, "/readyz").body, "the app does not answer\n");
  source.view.unready_because = "database: connection refused";
  EXPECT_EQ(get(source, "/readyz").body, "database: connection refused\n");
  source.view.readiness.unready = true;
  EXPECT_EQ(get(source, "/readyz").body, "unready\n");
  source.view.readiness.phase = drain::Phase::draining;
  EXPECT_EQ(get(source, "/readyz").body, "draining\n");
}

TEST(Pages, HealthIsJsonForWhoeverAsksForIt) {
  TestSource source;
  source.view.readiness.phase = drain::Phase::lame_duck;
  const Response response = get(source, "/readyz", "application/health+json");
  EXPECT_EQ(response.content_type, "application/health+json");
  EXPECT_EQ(nlohmann::json::parse(response.body),
            nlohmann::json::parse(R"({"status":"fail","output":"lame_duck"})"));
  EXPECT_THAT(get(source, "/livez", "application/health+json").body, HasSubstr(R"("status":"pass")"));
}

TEST(Pages, StatusTellsThePhaseWhatIsInFlightAndTheTimeLeft) {
  TestSource source;
  source.view.readiness.phase = drain::Phase::draining;
  source.view.in_flight = {
      .requests = 5, .uploads = 1, .downloads = 2, .tunnels = 3, .idle = 4, .silent = 6, .heads = 7};
  source.view.oldest_request = 1500ms;
  source.view.shutdown =
      ShutdownView{.elapsed = 4s, .drain_deadline = 30s, .deadline = 40s, .last_connection = 250ms};
  const Response response = get(source, "/status");
  EXPECT_EQ(response.content_type, "application/json");
  const auto body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body["phase"], "draining");
  EXPECT_EQ(body["ready"], false);
  EXPECT_EQ(body["in_flight"]["requests"], 5);
  EXPECT_EQ(body["in_flight"]["heads"], 7);
  EXPECT_EQ(body["oldest_request_seconds"], 1.5);
  EXPECT_EQ(body["shutdown"]["drain_left_seconds"], 26.0);
  EXPECT_EQ(body["shutdown"]["left_seconds"], 36.0);
  EXPECT_EQ(body["shutdown"]["last_connection_seconds"], 0.25);
}

TEST(Pages, StatusHasNoShutdownWhileServing) {
  const TestSource source;
  const auto body = nlohmann::json::parse(get(source, "/status").body);
  EXPECT_TRUE(body["shutdown"].is_null());
  EXPECT_TRUE(body["oldest_request_seconds"].is_null());
}

TEST(Pages, NoTimeIsLeftAfterADeadline) {
  TestSource source;
  source.view.shutdown = ShutdownView{.elapsed = 50s, .drain_deadline = 30s, .deadline = 40s};
  const auto body = nlohmann::json::parse(get(source, "/status").body);
  EXPECT_EQ(body["shutdown"]["drain_left_seconds"], 0.0);
  EXPECT_EQ(body["shutdown"]["left_seconds"], 0.0);
}

TEST(Pages, MetricsJoinOursAndTheSources) {
  TestSource source;
  source.view.in_flight = {.requests = 5, .tunnels = 3, .idle = 4, .heads = 1};
  const Response response = get(source, "/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("lastcall_state{state=\"serving\"} 1\n"));
  EXPECT_THAT(response.body, HasSubstr("lastcall_state{state=\"draining\"} 0\n"));
  EXPECT_THAT(response.body, HasSubstr("lastcall_http_in_flight_requests 6\n"));
  EXPECT_THAT(response.body, HasSubstr("lastcall_connections{kind=\"h1\"} 10\n"));
  EXPECT_THAT(response.body, HasSubstr("lastcall_connections{kind=\"tunnel\"} 3\n"));
  EXPECT_THAT(response.body, HasSubstr("test_total 1\n"));
}

TEST(Pages, MetricsTellHowLongEachPhaseOfAShutdownHasLasted) {
  TestSource source;
  EXPECT_THAT(get(source, "/metrics").body, Not(HasSubstr("lastcall_drain_phase_seconds")));
  source.view.readiness.phase = drain::Phase::draining;
  source.view.shutdown = ShutdownView{
      .elapsed = 4s,
      .drain_deadline = 30s,
      .deadline = 40s,
      .phases = {{drain::Phase::lame_duck, 0s, 2500ms}, {drain::Phase::draining, 2500ms, 1500ms}}};
  const std::string body = get(source, "/metrics").body;
  EXPECT_THAT(body, HasSubstr("lastcall_drain_phase_seconds{phase=\"lame_duck\"} 2.5\n"));
  EXPECT_THAT(body, HasSubstr("lastcall_drain_phase_seconds{phase=\"draining\"} 1.5\n"));
}

TEST(Pages, WhatIsNotThereIs404AndWhatChangesStateIs405) {
  const TestSource source;
  EXPECT_EQ(get(source, "/").status, 404);
  EXPECT_EQ(get(source, "/readyz/").status, 404);
  const Response response = answer({.method = http::Method::post, .path = "/readyz"}, source);
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(render(response, false), HasSubstr("\r\nAllow: GET, HEAD\r\n"));
}

TEST(Pages, EveryResponseClosesAndIsNeverCached) {
  const TestSource source;
  for (const std::string_view path : {"/livez", "/readyz", "/metrics", "/status", "/nothing"}) {
    const Response response = get(source, path);
    const std::string text = render(response, false);
    EXPECT_THAT(text, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nCache-Control: no-store\r\n"));
    EXPECT_TRUE(text.ends_with("\r\n\r\n" + response.body));
  }
}

TEST(Pages, AHeadGetsTheSameHeadAndNoBody) {
  const TestSource source;
  const Response response = get(source, "/livez");
  EXPECT_THAT(render(response, true), HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(render(response, true), Not(HasSubstr("live\n")));
}

}  // namespace
}  // namespace lastcall::admin
