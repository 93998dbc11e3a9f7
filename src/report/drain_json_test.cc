#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/drain_report.h"

namespace lastcall::report {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

drain::DrainReport small_report() {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.grace = 30s;
  report.drain_deadline = 19s;
  report.deadline = 29s;
  report.took = 5203ms + 417us;
  report.phases = {{drain::Phase::draining, 0s, 5s}, {drain::Phase::stopping, 5s, 203417us}};
  report.steps = {{.name = "requests", .outcome = "done", .lasted = 5s}};
  report.traffic.finished = 7;
  report.app.started = true;
  report.app.exit_status = 0;
  return report;
}

drain::CutExchange cut(std::string path) {
  return {.method = "GET",
          .path = std::move(path),
          .client = "10.0.0.7",
          .age = 21s,
          .bytes_in = 120,
          .bytes_out = 4096,
          .reason = "drain deadline"};
}

/// Every number at its longest, every text empty.
drain::DrainReport report_of_long_numbers() {
  constexpr Duration kLong = -(24h * 365) - 1us;
  drain::DrainReport report;
  report.exit_status = std::numeric_limits<int>::min();
  report.grace = report.drain_deadline = report.deadline = report.took = kLong;
  report.lame_duck = {.entered = false, .ended_by = "", .announced = kLong, .ended = kLong};
  drain::TrafficReport& traffic = report.traffic;
  traffic.at_signal = {kHuge, kHuge, kHuge, kHuge, kHuge, kHuge, kHuge};
  traffic.finished = traffic.refused = traffic.failed = traffic.client_gone = traffic.cut = kHuge;
  traffic.accepted = traffic.idle_closed = traffic.lost_race = traffic.listener_left =
      traffic.handshakes_at_close = kHuge;
  traffic.last_connection = traffic.last_probe = kLong;
  report.app.exit_status = report.app.signal = std::numeric_limits<int>::min();
  report.app.signalled = report.app.exited = kLong;
  report.app.descendants_killed = kHuge;
  return report;
}

Json parsed_message(const drain::DrainReport& report) {
  const std::string message = to_termination_message(report);
  EXPECT_LE(message.size(), kMaxTerminationMessage);
  EXPECT_EQ(message.find('\n'), std::string::npos);
  Json json = Json::parse(message, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << message;
  return json;
}

TEST(ReportJson, NamesItsSchemaAndTheVerdict) {
  drain::DrainReport report = small_report();
  Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["schema"], "lastcall.drain-report/1");
  EXPECT_EQ(json["lastcall"], LASTCALL_VERSION);
  EXPECT_EQ(json["clean"], true);
  report.traffic.cut = 1;
  report.exit_status = 1;
  json = Json::parse(to_json(report));
  EXPECT_EQ(json["clean"], false);
  EXPECT_EQ(json["exit_status"], 1);
}

TEST(ReportJson, TellsTimesInMillisecondsToTheMicrosecond) {
  drain::DrainReport report = small_report();
  report.took = 5203ms + 417us + 499ns;
  const std::string text = to_json(report);
  EXPECT_THAT(text, testing::HasSubstr("\"took_ms\": 5203.417,"));
  EXPECT_THAT(text, testing::HasSubstr("\"grace_ms\": 30000,"));
  EXPECT_THAT(text, testing::HasSubstr("\"lasted_ms\": 203.417"));
}

TEST(ReportJson, WhatNeverCameIsNull) {
  const Json json = Json::parse(to_json(small_report()));
  EXPECT_TRUE(json["lame_duck"]["announced_ms"].is_null());
  EXPECT_TRUE(json["traffic"]["last_probe_ms"].is_null());
  EXPECT_TRUE(json["app"]["signal"].is_null());
  EXPECT_EQ(json["app"]["exit_status"], 0);
}

TEST(ReportJson, HoldsEveryPhaseStepAndCut) {
  drain::DrainReport report = small_report();
  report.traffic.cut = 2;
  report.traffic.cuts = {cut("/slow"), cut("/upload")};
  report.further_causes = {"SIGTERM", "SIGINT"};
  report.traffic.at_signal.tunnels = 3;
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["phases"][1], Json::parse(R"({"phase":"stopping","began_ms":5000,"lasted_ms":203.417})"));
  EXPECT_EQ(json["steps"][0]["name"], "requests");
  EXPECT_EQ(json["traffic"]["cuts"][1],
            Json::parse(R"({"method":"GET","path":"/upload","client":"10.0.0.7","age_ms":21000,
                            "bytes_in":120,"bytes_out":4096,"reason":"drain deadline"})"));
  EXPECT_EQ(json["traffic"]["at_signal"]["tunnels"], 3);
  EXPECT_EQ(json["further_causes"], Json::parse(R"(["SIGTERM","SIGINT"])"));
}

TEST(ReportJson, IsValidWhateverBytesThePathsHold) {
  drain::DrainReport report = small_report();
  report.traffic.cuts = {cut("/\xff\xfe\x80"), cut(std::string("/\0\x1b[31m\"\\\n", 10)), cut("/caf\xc3")};
  const Json json = Json::parse(to_json(report), nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["traffic"]["cuts"][2]["path"], "/caf\xef\xbf\xbd");
}

TEST(TerminationMessage, HoldsTheWholeReportOnOneLineWhenItFits) {
  drain::DrainReport report = small_report();
  report.traffic.cuts = {cut("/slow")};
  EXPECT_EQ(parsed_message(report), Json::parse(to_json(report)));
}

TEST(TerminationMessage, ListsAsManyCutsAsFitAndSaysThatSomeAreMissing) {
  drain::DrainReport report = small_report();
  report.traffic.cut = 100;
  for (int i = 0; i < 100; ++i) {
    report.traffic.cuts.push_back(cut("/slow/" + std::to_string(i)));
  }
  const Json json = parsed_message(report);
  EXPECT_EQ(json["omitted"], Json::parse(R"(["cuts"])"));
  EXPECT_EQ(json["traffic"]["cut"], 100);
  EXPECT_GT(json["traffic"]["cuts"].size(), 5U);
  EXPECT_EQ(json["traffic"]["cuts"][0]["path"], "/slow/0");
  EXPECT_EQ(json["steps"].size(), 1U);
}

TEST(TerminationMessage, ListsAsMuchCutWorkAsFits) {
  drain::DrainReport report = small_report();
  report.work = drain::WorkReport{.scopes = {{.name = "jobs", .cut = 100}}};
  report.work->cuts.assign(100, {.scope = "jobs", .label = std::string(60, 'x'), .age = 21s});
  const Json json = parsed_message(report);
  EXPECT_EQ(json["omitted"], Json::parse(R"(["cuts"])"));
  EXPECT_EQ(json["work"]["scopes"][0]["cut"], 100);
  EXPECT_GT(json["work"]["cuts"].size(), 5U);
}

TEST(TerminationMessage, LeavesOutTheStepsWhenTheyDoNotFitEither) {
  drain::DrainReport report = small_report();
  report.steps.assign(100, {.name = "database", .outcome = "failed", .detail = "connection refused"});
  const Json json = parsed_message(report);
  EXPECT_EQ(json["omitted"], Json::parse(R"(["cuts","steps"])"));
  EXPECT_EQ(json["steps"].size(), 0U);
  EXPECT_EQ(json["phases"].size(), 2U);
}

TEST(TerminationMessage, FitsAtItsWorst) {
  for (const std::string& piece :
       {std::string("\x01"), std::string("\xff"), std::string("é"), std::string("\"")}) {
    std::string monster;
    for (int i = 0; i < 3'000; ++i) {
      monster += piece;
    }
    drain::DrainReport report = report_of_long_numbers();
    report.cause = report.force_cause = report.lame_duck.ended_by = monster;
    report.traffic.listener_close = monster;
    report.further_causes = {monster, monster};
    report.phases.assign(100, {drain::Phase::draining, 1s, 1s});
    report.steps.assign(10, {.name = monster, .outcome = monster, .detail = monster});
    report.traffic.cuts.assign(10, cut(monster));
    report.work = drain::WorkReport{.scopes = {10, {.name = monster}}, .cuts = {10, {.label = monster}}};
    const Json json = parsed_message(report);
    EXPECT_EQ(json["omitted"], Json::parse(R"(["cuts","steps","details"])"));
    EXPECT_EQ(json["traffic"]["cut"], kHuge);
  }
}

TEST(TerminationMessage, FitsAtEverySizeOfPath) {
  for (std::size_t size = 0; size < 5000; size += 31) {
    drain::DrainReport report = small_report();
    report.traffic.cuts = {cut("/"), cut(std::string(size, '\xfe')), cut("/last")};
    parsed_message(report);
  }
}

TEST(TerminationMessage, ShortensATextBetweenTwoCharacters) {
  drain::DrainReport report = small_report();
  report.cause = "x";
  for (int i = 0; i < 4000; ++i) {
    report.cause += "é";
  }
  const std::string cause = parsed_message(report)["cause"];
  EXPECT_THAT(cause, testing::EndsWith("é…"));
  EXPECT_THAT(cause, testing::Not(testing::HasSubstr("\xef\xbf\xbd")));
}

}  // namespace
}  // namespace lastcall::report
