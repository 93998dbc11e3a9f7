#include "report/drain_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/drain_report.h"
#include "report/page.h"

namespace lastcall::report {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

drain::DrainReport unclean_report() {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.further_causes = {"SIGTERM", "SIGINT"};
  report.grace = 30s;
  report.drain_deadline = 19s;
  report.deadline = 29s;
  report.took = 20114ms + 562us;
  report.phases = {{drain::Phase::lame_duck, 0s, 5200ms},
                   {drain::Phase::draining, 5200ms, 13800ms},
                   {drain::Phase::stopping, 19s, 1114562us},
                   {drain::Phase::stopped, 20114562us, 0s}};
  report.lame_duck = {.entered = true, .ended_by = "max", .announced = 3s, .ended = 5200ms};
  report.steps = {{.name = "requests",
                   .outcome = "abandoned",
                   .detail = "drain deadline",
                   .began = 5200ms,
                   .lasted = 13800ms}};
  report.traffic.at_signal = {.requests = 12, .uploads = 1, .downloads = 4, .idle = 20, .silent = 3};
  report.traffic.finished = 331;
  report.traffic.cut = 2;
  report.traffic.cuts = {{"GET", "/export", "10.0.0.7", 21370ms, 161, 8'519'680, "drain deadline"},
                         {"POST", "/<script>alert(1)</script>", "10.0.0.8", 10ms, 5, 0, "drain deadline"}};
  report.traffic.websockets = {.closed = 8, .client_silent = 2, .app_silent = 1};
  report.traffic.event_streams_ended = 5;
  report.traffic.lost_race = 3;
  report.traffic.last_connection = 3200ms;
  report.traffic.listener_close = "bindtoifindex";
  report.app = {.started = true,
                .signalled_by_others = true,
                .others_fix = "KillMode=mixed",
                .signal = 15,
                .signalled = 19s,
                .exited = 20114ms};
  report.exit_status = 1;
  return report;
}

Json document() {
  return Json::parse(to_json(unclean_report()));
}

std::string error_of(const Json& json) {
  const auto parsed = parse_drain_document(json.dump());
  return parsed ? "" : parsed.error().what;
}

TEST(DrainDocument, ReadsBackWhatWasWritten) {
  const auto parsed = parse_drain_document(to_json(unclean_report()));
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(to_json(parsed->report), to_json(unclean_report()));
  EXPECT_EQ(parsed->version, LASTCALL_VERSION);
}

TEST(DrainDocument, ReadsBackWhatAServiceWrote) {
  drain::DrainReport report = unclean_report();
  report.steps.push_back({.name = "outbox", .outcome = "done", .lost = "1 mail"});
  report.traffic = {};
  report.app = {};
  report.work =
      drain::WorkReport{.scopes = {{.name = "jobs", .at_signal = 3, .finished = 2, .refused = 1, .cut = 1}},
                        .cuts = {{.scope = "jobs", .label = "export 7", .age = 21s}},
                        .left_running = true};
  const auto parsed = parse_drain_document(to_json(report));
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(to_json(parsed->report), to_json(report));
  EXPECT_THAT(to_json(report), HasSubstr("export 7"));
}

TEST(DrainDocument, NamesEveryFieldThatIsMissing) {
  const Json flat = document().flatten();
  for (const auto& [pointer, ignored] : flat.items()) {
    Json json = document();
    const Json::json_pointer field(pointer);
    const std::string& name = field.back();
    Json& parent = json.at(field.parent_pointer());
    if (!parent.is_object() || pointer == "/traffic/at_signal/websockets") {
      continue;
    }
    parent.erase(name);
    EXPECT_THAT(error_of(json), HasSubstr(name + " is missing")) << pointer;
  }
}

TEST(DrainDocument, MayBeOlderThanTheCountsOfStreams) {
  Json json = document();
  json["traffic"]["at_signal"].erase("websockets");
  json["traffic"]["at_signal"].erase("event_streams");
  json["traffic"].erase("websockets");
  json["traffic"].erase("event_streams_ended");
  EXPECT_EQ(error_of(json), "");
}

TEST(DrainDocument, NamesEveryFieldOfAnotherType) {
  const Json flat = document().flatten();
  for (const auto& [pointer, ignored] : flat.items()) {
    Json json = document();
    const Json::json_pointer field(pointer);
    json.at(field) = Json::object();
    EXPECT_THAT(error_of(json), HasSubstr(" is not ")) << pointer;
  }
}

TEST(DrainDocument, RefusesNumbersThatCannotBe) {
  Json json = document();
  json["traffic"]["cut"] = -1;
  EXPECT_THAT(error_of(json), HasSubstr("traffic.cut is not a count"));
  json = document();
  json["took_ms"] = 1e300;
  EXPECT_THAT(error_of(json), HasSubstr("took_ms is not at most a year"));
  json = document();
  json["exit_status"] = 1LL << 40;
  EXPECT_THAT(error_of(json), HasSubstr("exit_status is not a small whole number"));
  json = document();
  json["phases"][1]["phase"] = "resting";
  EXPECT_THAT(error_of(json), HasSubstr("phases[1].phase is not a phase"));
}

TEST(DrainDocument, RefusesWhatIsNone) {
  for (const char* const text : {"", "{", "[]", "null", "3", "\"x\"", "{}", "\xff", "{\"schema\": 1}"}) {
    const auto parsed = parse_drain_document(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().what, HasSubstr("this is no drain report: "));
    EXPECT_EQ(parsed.error().exit_status, 2);
  }
}

TEST(DrainDocument, ACheckReportIsSentToCheck) {
  const auto parsed = parse_drain_document(R"({"schema": "lastcall.check-report/1"})");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().what, HasSubstr("lastcall.check-report/1"));
  EXPECT_THAT(parsed.error().fix, HasSubstr("lastcall check --html"));
}

TEST(DrainDocument, IgnoresFieldsOfALaterVersion) {
  Json json = document();
  json["novelty"] = {1, 2};
  json["traffic"]["novelty"] = true;
  EXPECT_EQ(error_of(json), "");
}

TEST(DrainDocument, ACourtesyThatWasAbandonedLeavesItClean) {
  drain::DrainReport report;
  report.steps = {{.name = "linger", .outcome = "abandoned", .courtesy = true}};
  const auto parsed = parse_drain_document(to_json(report));
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_TRUE(parsed->report.clean());
}

TEST(DrainDocument, RefusesOneThatContradictsItself) {
  Json json = document();
  json["clean"] = true;
  EXPECT_THAT(error_of(json), HasSubstr("it says clean: true, and tells otherwise"));
}

TEST(DrainDocument, ReadsATerminationMessageThatLeavesThingsOut) {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.steps.assign(100, {.name = "database", .outcome = "abandoned", .detail = "deadline"});
  const auto parsed = parse_drain_document(to_termination_message(report));
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_THAT(parsed->omitted, testing::ElementsAre("cuts", "steps"));
  EXPECT_FALSE(parsed->report.clean());
}

TEST(DrainPage, ShowsPhasesStepsCutsAndCounts) {
  const auto page = drain_report_page(to_json(unclean_report()));
  ASSERT_TRUE(page) << page.error().what;
  for (const char* const text :
       {"Unclean", "lame duck: 5.20\u00a0s", "draining: 13.80\u00a0s", "requests cut: 2 cut", "step requests",
        "GET /export from 10.0.0.7", "idle connections", "--idle-grace", "--lame-duck is too short",
        "ended by SIGTERM"}) {
    EXPECT_THAT(*page, HasSubstr(text));
  }
}

TEST(DrainPage, OfAServiceShowsItsWorkAndNeitherTrafficNorAnApp) {
  drain::DrainReport report = unclean_report();
  report.traffic = {};
  report.app = {};
  report.steps.push_back({.name = "outbox", .outcome = "done", .lost = "1 mail"});
  report.work = drain::WorkReport{.scopes = {{.name = "jobs", .at_signal = 3, .finished = 2, .cut = 1}},
                                  .cuts = {{.scope = "jobs", .label = "export 7", .age = 21s}}};
  const auto page = drain_report_page(to_json(report));
  ASSERT_TRUE(page) << page.error().what;
  EXPECT_THAT(*page, HasSubstr("export 7 of jobs: 21"));
  EXPECT_THAT(*page, HasSubstr("outbox lost 1 mail"));
  EXPECT_THAT(*page, HasSubstr("liblastcall"));
  EXPECT_THAT(*page, Not(HasSubstr("the app")));
}

TEST(DrainPage, NoPathBecomesMarkup) {
  const auto page = drain_report_page(to_json(unclean_report()));
  ASSERT_TRUE(page);
  EXPECT_THAT(*page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(*page, HasSubstr("/&lt;script&gt;alert(1)"));
}

TEST(DrainPage, ACleanShutdownHasNothingBroken) {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.took = 120ms;
  report.app = {.started = true, .exit_status = 0, .signalled = 100ms, .exited = 110ms};
  const auto page = drain_report_page(to_json(report));
  ASSERT_TRUE(page);
  EXPECT_THAT(*page, HasSubstr("Clean"));
  EXPECT_THAT(*page, Not(HasSubstr("finding failed")));
}

}  // namespace
}  // namespace lastcall::report
