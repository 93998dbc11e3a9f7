#include "report/verdict_json.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "testing/rolling_sample.h"
#include "testing/verdict_sample.h"

namespace lastcall::report {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

Json document_of(const judge::Verdict& verdict) {
  return Json::parse(to_json({&verdict, 1}), nullptr, false);
}

Json finding(const Json& verdict, std::string_view clause) {
  for (const Json& one : verdict["findings"]) {
    if (one["clause"] == clause) {
      return one;
    }
  }
  ADD_FAILURE() << "no finding for " << clause;
  return {};
}

TEST(VerdictJson, NamesItsSchemaAndWhatCheckExitsWith) {
  judge::Verdict verdict = sample::failed_verdict();
  Json json = document_of(verdict);
  EXPECT_EQ(json["schema"], "lastcall.check-report/1");
  EXPECT_EQ(json["lastcall"], LASTCALL_VERSION);
  EXPECT_EQ(json["status"], "failed");
  EXPECT_EQ(json["exit_status"], 1);

  verdict.status = judge::Status::inconclusive;
  EXPECT_EQ(document_of(verdict)["exit_status"], 3);
  verdict.status = judge::Status::skipped;
  EXPECT_EQ(document_of(verdict)["exit_status"], 3);
  verdict.status = judge::Status::passed;
  EXPECT_EQ(document_of(verdict)["exit_status"], 0);
}

TEST(VerdictJson, SeveralVerdictsStandTogetherUnderTheStatusOfTheLast) {
  const std::vector<judge::Verdict> compared = {sample::failed_verdict(), sample::passed_verdict()};
  const Json json = Json::parse(to_json(compared));
  EXPECT_EQ(json["status"], "passed");
  EXPECT_EQ(json["exit_status"], 0);
  ASSERT_EQ(json["verdicts"].size(), 2U);
  EXPECT_EQ(json["verdicts"][0]["title"], "bare");
  EXPECT_EQ(json["verdicts"][1]["status"], "passed");
  EXPECT_EQ(json["verdicts"][1]["exit_status"], 0);
}

TEST(VerdictJson, TellsEachFindingWithItsNumbersAndEvidence) {
  const Json verdict = document_of(sample::failed_verdict())["verdicts"][0];
  EXPECT_EQ(verdict["findings"].size(), sample::failed_verdict().findings.size());
  const Json cut = finding(verdict, "LC202");
  EXPECT_EQ(cut["status"], "failed");
  EXPECT_EQ(cut["summary"], "27 of 86 requests in flight were cut (18 reset, 9 truncated)");
  EXPECT_EQ(cut["tried"], 86);
  EXPECT_EQ(cut["broken"], 27);
  EXPECT_EQ(cut["trials"], Json::parse("[1, 2, 3]"));
  EXPECT_EQ(cut["evidence"][0],
            Json({{"trial", 1}, {"at_ms", 1408}, {"what", "slow: reset, 0 bytes received (ECONNRESET)"}}));
}

TEST(VerdictJson, BoundsTheRateOnlyWhereChancesWereCounted) {
  const Json verdict = document_of(sample::failed_verdict())["verdicts"][0];
  const double bound = finding(verdict, "LC202")["rate_upper_bound_95"];
  EXPECT_GT(bound, 27.0 / 86);
  EXPECT_LT(bound, 0.5);
  EXPECT_TRUE(finding(verdict, "LC401")["rate_upper_bound_95"].is_null());
}

TEST(VerdictJson, CountsEveryOutcomeOfEachFlow) {
  const Json verdict = document_of(sample::failed_verdict())["verdicts"][0];
  EXPECT_EQ(verdict["flows"][0], Json::parse(R"({
      "name": "new connections", "kind": "fresh", "in_flight_at_signal": 3, "attempts": 1143, "lost": 9,
      "outcomes": {"ok": 114, "refused": 1020, "reset": 9, "eof": 0, "truncated": 0, "server_error": 0,
                   "timeout": 0, "wrong": 0, "unsent": 0}})"));
}

TEST(VerdictJson, TellsEachTrialAndWhatNeverCameIsNull) {
  const Json verdict = document_of(sample::failed_verdict())["verdicts"][0];
  EXPECT_EQ(verdict["trials"][0], Json::parse(R"({"number": 1, "status": "failed", "attempts": 505,
                                                  "lost": 38, "exit": "exit 0", "took_ms": 1412, "spoiled": 0})"));
  EXPECT_TRUE(verdict["trials"][2]["took_ms"].is_null());
}

TEST(VerdictJson, KeepsTheWholeTimelineByColumns) {
  const judge::Verdict sample = sample::failed_verdict();
  const Json timeline = document_of(sample)["verdicts"][0]["timeline"];
  EXPECT_EQ(timeline["trial"], 1);
  EXPECT_EQ(timeline["begin_ms"], -1000);
  EXPECT_EQ(timeline["bin_ms"], 100);
  ASSERT_EQ(timeline["lanes"].size(), sample.timeline.lanes.size());
  const Json& lane = timeline["lanes"][3];
  EXPECT_EQ(lane["name"], "slow requests");
  for (const char* column : {"begun", "good", "bad", "refused", "in_flight"}) {
    EXPECT_EQ(lane[column].size(), sample.timeline.lanes[3].bins.size());
  }
  EXPECT_EQ(lane["bad"][24], 6);
  EXPECT_EQ(timeline["marks"][1], Json::parse(R"({"at_ms": 12, "what": "listener closed"})"));
}

TEST(VerdictJson, KeepsEveryBitOfTheSeed) {
  judge::Verdict verdict = sample::passed_verdict();
  verdict.seed = 0xffff'ffff'ffff'ffff;
  EXPECT_EQ(document_of(verdict)["verdicts"][0]["seed"], "18446744073709551615");
}

TEST(VerdictJson, TellsTimesInMillisecondsToTheMicrosecond) {
  judge::Verdict verdict = sample::passed_verdict();
  verdict.trials[0].took = 3458ms + 123us + 499ns;
  EXPECT_THAT(to_json({&verdict, 1}), HasSubstr("\"took_ms\":3458.123,"));
  EXPECT_THAT(to_json({&verdict, 1}), HasSubstr("\"p99_ms\":0.18,"));
}

TEST(VerdictJson, KeepsEachColumnOfTheTimelineOnOneLine) {
  const judge::Verdict verdict = sample::passed_verdict();
  EXPECT_THAT(to_json({&verdict, 1}), HasSubstr("\"in_flight\": [10,10,10,"));
}

TEST(VerdictJson, IsValidWhateverBytesTheTextsHold) {
  judge::Verdict verdict = sample::failed_verdict();
  verdict.command = {"sh\xff", "\"\\\n\x1b[31m", std::string("\0", 1)};
  verdict.findings[0].evidence = {{1, 0s, "caf\xc3"}};
  verdict.timeline.lanes[0].name = "\xf0\x9f";
  const Json json = document_of(verdict);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["verdicts"][0]["command"][0], "sh\xef\xbf\xbd");
  EXPECT_EQ(json["verdicts"][0]["findings"][0]["evidence"][0]["what"], "caf\xef\xbf\xbd");
}

TEST(VerdictJson, AnEmptyVerdictIsADocumentToo) {
  judge::Verdict empty;
  empty.profile.grace = 30s;
  const Json json = document_of(empty);
  EXPECT_EQ(json["exit_status"], 3);
  EXPECT_EQ(json["verdicts"][0]["findings"], Json::array());
}

TEST(VerdictJson, TellsRollingRestartsWithTheErrorsOfEach) {
  const std::vector<judge::RollingVerdict> compared = {sample::failed_rolling(), sample::passed_rolling()};
  const Json json = Json::parse(to_json(compared));
  EXPECT_EQ(json["schema"], "lastcall.check-report/1");
  EXPECT_EQ(json["status"], "passed");
  const Json bare = json["rolling"][0];
  EXPECT_EQ(bare["title"], "bare");
  EXPECT_EQ(bare["status"], "failed");
  EXPECT_EQ(bare["balancer"]["name"], "haproxy");
  EXPECT_EQ(bare["errors"], 3);
  EXPECT_EQ(bare["outcomes"]["server_error"], 2);
  EXPECT_EQ(bare["worst_restart"], 1);
  EXPECT_EQ(bare["restarts"][0]["errors"], 3);
  EXPECT_EQ(bare["restarts"][1]["errors"], 0);
  EXPECT_EQ(bare["restarts"][0]["exit"], "died of SIGTERM");
  EXPECT_EQ(bare["evidence"][0],
            (Json{{"restart", 1}, {"at_ms", 24}, {"what", "slow: answered 502 after 20 ms"}}));
  EXPECT_TRUE(json["rolling"][1]["worst_restart"].is_null());
}

}  // namespace
}  // namespace lastcall::report
