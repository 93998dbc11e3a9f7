#include "report/recording.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "testing/verdict_sample.h"

namespace lastcall::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Recording sample_recording() {
  judge::Trial second = sample::trial();
  second.number = 4;
  second.process = {.exited = std::nullopt, .died_of = 9, .killed = true};
  second.readiness.clear();
  return {.command = {"node", "server.js", "--token", "***"},
          .seed = 0xffff'ffff'ffff'fffe,
          .profile = {.name = "kubernetes", .grace = 30s, .routed = 3s},
          .trials = {sample::trial(), second}};
}

/// A record of one trial with two observations, by lines: header, head, row, row, end.
std::vector<std::string> small_record() {
  Recording recording = sample_recording();
  recording.trials.resize(1);
  judge::Trial& trial = recording.trials.front();
  trial.observations.resize(2);
  trial.departures.clear();
  trial.readiness.clear();
  trial.liveness.clear();
  const std::string text = to_record(recording);
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  return text;
}

std::string problem_with(std::string_view record) {
  const Result<Recording> parsed = parse_record(record);
  EXPECT_FALSE(parsed);
  if (parsed) {
    return "";
  }
  EXPECT_EQ(parsed.error().exit_status, 2);
  EXPECT_FALSE(parsed.error().fix.empty());
  return parsed.error().what;
}

/// What is wrong once `from` in line `number` has become `to`.
std::string problem_after(std::size_t number, const std::string& from, const std::string& to) {
  std::vector<std::string> lines = small_record();
  std::string& line = lines.at(number - 1);
  const std::size_t at = line.find(from);
  EXPECT_NE(at, std::string::npos) << line;
  line.replace(at, from.size(), to);
  return problem_with(joined(lines));
}

TEST(Record, IsReadBackWithoutABitOfDifference) {
  const Recording recording = sample_recording();
  const Result<Recording> parsed = parse_record(to_record(recording));
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(*parsed, recording);
  EXPECT_EQ(to_record(*parsed), to_record(recording));
}

TEST(Record, IsOneJsonDocumentALine) {
  for (const std::string& line : small_record()) {
    EXPECT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded()) << line;
  }
}

TEST(Record, TellsInstantsInNanosecondsSinceTheSignal) {
  const std::vector<std::string> lines = small_record();
  EXPECT_THAT(lines[0], StartsWith(R"({"schema":"lastcall.check-record/1",)"));
  EXPECT_THAT(lines[1], HasSubstr(R"("signalled_ns":3600000000000,"began_ns":-1000000000,)"));
  EXPECT_EQ(lines[2],
            R"(["o",0,"ok",0,0,0,200,0,0,-1000040000,-1000000000,-999940000,-999120000,-999100000,118,231])");
  EXPECT_EQ(lines[4], R"({"end":{"trials":1,"observations":2,"departures":0,"probes":0}})");
}

TEST(Record, WhatNeverCameIsNull) {
  const std::string record = to_record(sample_recording());
  EXPECT_THAT(record,
              HasSubstr(R"(["o",0,"refused",0,0,0,0,0,111,14960000,15000000,null,null,15050000,0,0])"));
  EXPECT_THAT(record, HasSubstr(R"("exited_ns":null,"exit_status":null,"died_of":9)"));
}

TEST(Record, CutOffAnywhereItIsRefused) {
  const std::string record = joined(small_record());
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(parse_record(record.substr(0, size))) << size;
  }
  EXPECT_EQ(problem_with(""), "line 1: the record was cut off here");
  EXPECT_EQ(problem_with(record.substr(0, record.size() - 1)), "line 5: the record was cut off here");
}

TEST(Record, WithoutOneOfItsLinesItIsRefused) {
  for (std::size_t missing = 0; missing < 5; ++missing) {
    std::vector<std::string> lines = small_record();
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(missing));
    EXPECT_FALSE(parse_record(joined(lines))) << missing;
  }
  std::vector<std::string> lines = small_record();
  lines.erase(lines.begin() + 2);
  EXPECT_EQ(problem_with(joined(lines)),
            "line 4: the counts do not agree with what stands before: lines are missing, or were added");
}

TEST(Record, NothingMayFollowItsEnd) {
  EXPECT_EQ(problem_with(joined(small_record()) + "\n"), "line 6: nothing may follow the end");
}

TEST(Record, OfAnotherSchemaIsRefused) {
  const std::string expected = "line 1: the schema \"lastcall.check-record/1\" is expected";
  EXPECT_EQ(problem_after(1, "record/1", "record/2"), expected);
  EXPECT_EQ(problem_with("{}\n"), expected);
  EXPECT_EQ(problem_with("\x7f\x45LF\n"), expected);
}

TEST(Record, AMemberOfAnotherTypeIsRefusedByName) {
  EXPECT_EQ(problem_after(1, R"("probed":true)", R"("probed":1)"),
            "line 1: \"probed\": true or false is expected");
  EXPECT_EQ(problem_after(1, R"("seed":"18446744073709551614")", R"("seed":"18446744073709551616")"),
            "line 1: \"seed\": a whole number as a text is expected");
  EXPECT_EQ(problem_after(1, R"("***")", "7"), "line 1: \"command\": a list of texts is expected");
  EXPECT_EQ(problem_after(2, R"("zombies":1)", R"("zombies":4294967296)"),
            "line 2: \"zombies\": a whole number that fits is expected");
  EXPECT_EQ(problem_after(2, R"("zombies":1)", R"("zombies":-1)"),
            "line 2: \"zombies\": a whole number that fits is expected");
  EXPECT_EQ(problem_after(2, R"("died_of":null)", R"("died_of":"SIGTERM")"),
            "line 2: \"died_of\": a whole number that fits, or null is expected");
  EXPECT_EQ(problem_after(2, R"("grace_ns":30000000000)", R"("grace_ns":-1)"),
            "line 2: \"grace_ns\": a number of nanoseconds in range is expected");
  EXPECT_EQ(problem_after(2, R"("kind":"half-head")", R"("kind":"half")"),
            "line 2: \"kind\": the name of a kind of client is expected");
  EXPECT_EQ(problem_after(2, R"("process":{)", R"("process":[],"x":{)"),
            "line 2: \"process\": an object is expected");
}

TEST(Record, AMemberThatIsMissingOrUnknownIsRefusedByName) {
  EXPECT_EQ(problem_after(2, R"("killed":false,)", ""), "line 2: \"killed\": true or false is expected");
  EXPECT_EQ(problem_after(2, R"("killed":false,)", R"("killed":false,"quic":1,)"),
            "line 2: \"quic\": nothing of this name is expected");
}

TEST(Record, ATrialWithoutItsSignalIsRefused) {
  const std::string expected = "line 2: \"signals\": the first one at 0 is expected";
  EXPECT_EQ(problem_after(2, R"({"at_ns":0,"number":15},)", ""), expected);
  EXPECT_EQ(problem_after(2, R"("signals":[{"at_ns":0,"number":15},{"at_ns":300000000,"number":15}])",
                          R"("signals":[])"),
            expected);
}

TEST(Record, WithoutATrialOrWithTrialsOfOtherFlowsIsRefused) {
  const std::vector<std::string> lines = small_record();
  EXPECT_EQ(
      problem_with(joined({lines[0], R"({"end":{"trials":0,"observations":0,"departures":0,"probes":0}})"})),
      "line 2: there is no trial");
  Recording recording = sample_recording();
  recording.trials[1].flows[0].path = "/other";
  EXPECT_THAT(problem_with(to_record(recording)),
              HasSubstr(": the flows differ from those of the first trial"));
}

TEST(Record, ARowThatIsNotWhatItShouldBeIsRefusedByItsColumn) {
  EXPECT_EQ(problem_after(3, "[\"o\",", "[\"x\","), "line 3: a row of evidence is expected");
  EXPECT_EQ(problem_after(3, "\"o\",0,", "\"o\",13,"), "line 3: the trial has no such flow");
  EXPECT_EQ(problem_after(3, "\"o\",0,", "\"o\",-1,"), "line 3: column 2: a whole number is expected");
  EXPECT_EQ(problem_after(3, "\"ok\"", "\"fine\""), "line 3: column 3: the name of an outcome is expected");
  EXPECT_EQ(problem_after(3, "\"ok\"", "ok"), "line 3: column 3: a text is expected");
  EXPECT_EQ(problem_after(3, "\"ok\",0", "\"ok\",2"), "line 3: column 4: 0 or 1 is expected");
  EXPECT_EQ(problem_after(3, ",200,", ",40000,"), "line 3: column 7: the number is out of range");
  EXPECT_EQ(problem_after(3, ",200,", ",2e2,"), "line 3: column 7: a whole number is expected");
  EXPECT_EQ(problem_after(3, ",-999120000,", ",4611686018427387905,"),
            "line 3: column 13: the instant is out of range");
  EXPECT_EQ(problem_after(3, ",-999120000,", ",nullx,"), "line 3: column 13: a whole number is expected");
  EXPECT_EQ(problem_after(3, ",231]", "]"), "line 3: column 16: one more column is expected");
  EXPECT_EQ(problem_after(3, ",231]", ",231,1]"), "line 3: column 17: the end of the row is expected");
  EXPECT_EQ(problem_after(3, ",231]", ",231"), "line 3: column 17: the end of the row is expected");
}

TEST(Record, EvidenceBeforeItsTrialIsRefused) {
  std::vector<std::string> lines = small_record();
  std::swap(lines[1], lines[2]);
  EXPECT_EQ(problem_with(joined(lines)), "line 2: a trial is expected before its evidence");
}

TEST(Record, ALineWithoutEndIsRefusedBeforeItIsParsed) {
  EXPECT_EQ(problem_with(std::string(kMaxRecordLine, '[')), "line 1: the line is too long");
}

TEST(Record, ReplacesWhatIsNoUtf8) {
  Recording recording = sample_recording();
  recording.command = {"caf\xc3"};
  const Result<Recording> parsed = parse_record(to_record(recording));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->command[0], "caf\xef\xbf\xbd");
}

}  // namespace
}  // namespace lastcall::report
