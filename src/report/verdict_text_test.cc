#include "report/verdict_text.h"

#include <algorithm>
#include <regex>
#include <sstream>

#include <gmock/gmock.h>

#include "judge/judge.h"
#include "report/prose.h"
#include "testing/verdict_sample.h"

namespace lastcall::report {
namespace {

using judge::Finding;
using judge::Status;
using judge::Verdict;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

/// The first line that is longer, or nothing.
std::string longer_than(std::size_t columns, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (width(line) > columns) {
      return line;
    }
  }
  return "";
}

Verdict verdict_with(std::vector<Finding> findings) {
  Verdict verdict = sample::passed_verdict();
  verdict.findings = std::move(findings);
  return verdict;
}

Verdict hostile() {
  const std::string evil = "\x1b[2J\r\nowned";
  Verdict verdict = sample::failed_verdict();
  verdict.title = verdict.profile.name = evil;
  verdict.command = {evil, evil};
  verdict.findings.front().summary = evil;
  for (Finding& finding : verdict.findings) {
    finding.summary = evil;
    for (judge::Evidence& evidence : finding.evidence) {
      evidence.what = evil;
    }
  }
  for (auto& flow : verdict.flows) {
    flow.name = evil;
  }
  for (auto& trial : verdict.trials) {
    trial.exit = evil;
  }
  for (auto& lane : verdict.timeline.lanes) {
    lane.name = lane.result = evil;
  }
  for (auto& mark : verdict.timeline.marks) {
    mark.what = evil;
  }
  return verdict;
}

TEST(VerdictText, TellsTheVerdictWithItsCountsAndEachTrial) {
  const std::string text = to_text(sample::failed_verdict(), {});
  EXPECT_THAT(text, HasSubstr("\nFAILED   8 of 14 clauses, 2 inconclusive   102 of 1 515 attempts lost\n"));
  EXPECT_THAT(text, HasSubstr("  trial 3   failed        33 of 503 lost   killed after 30s\n"));
  EXPECT_THAT(to_text(sample::passed_verdict(), {}),
              HasSubstr("\nPASSED   14 clauses   0 of 2 792 attempts lost: at most 0.11 %\n"));
}

TEST(VerdictText, DrawsEveryLaneWithItsResultAndSaysWhatThePointersPointAt) {
  const std::string text = to_text(sample::failed_verdict(), {});
  EXPECT_THAT(text, ContainsRegex("\n  new connections   (█)+│.*✗.*(░)+  refused from \\+12 ms, 3 reset\n"));
  EXPECT_THAT(text, ContainsRegex("\n  downloads         (─)+│(─)+(✗)+ *  2 truncated\n"));
  EXPECT_THAT(
      text,
      HasSubstr("  ▾ 0 ms SIGTERM   +12 ms listener closed   +300 ms SIGTERM again   +1.41 s exit 0\n"));
}

TEST(VerdictText, PutsFailuresFirstWithEvidenceAndWhatUsersSuffer) {
  const std::string text = to_text(sample::failed_verdict(), {});
  EXPECT_THAT(text, HasSubstr("  LC202  Requests in flight finish   in every trial\n"
                              "         27 of 86 requests in flight were cut (18 reset, 9 truncated)\n"
                              "            +1.41 s  trial 1  slow: reset, 0 bytes received (ECONNRESET)\n"));
  EXPECT_THAT(text, HasSubstr("         users: requests break in the middle: was the POST done or not?\n"));
  EXPECT_THAT(text, HasSubstr("  LC301  Two instants, computed once   in 1 of 3 trials\n"));
  EXPECT_LT(text.find("\nFailed\n"), text.find("\nInconclusive\n"));
  EXPECT_LT(text.find("\nInconclusive\n"), text.find("\nPassed"));
  EXPECT_LT(text.find("\nPassed"), text.find("\nSkipped\n"));
}

TEST(VerdictText, SaysWhatWouldSettleAnInconclusiveClause) {
  const std::string text = to_text(sample::failed_verdict(), {});
  EXPECT_THAT(
      text,
      HasSubstr(
          "  LC207  Streams\n         no event stream was in flight at any signal\n"
          "         to settle it: let the streams of --sse-path stay open until the server ends them\n"));
  EXPECT_THAT(text, HasSubstr("         work was cut with and without a repeated signal\n"
                              "         to settle it: mend LC202 first\n"));
}

TEST(VerdictText, SendsWhoHadToBeKilledToWhatHeldTheExit) {
  const std::string text =
      to_text(verdict_with({{.clause = "LC204", .status = Status::failed, .summary = "it waited"},
                            {.clause = "LC501", .status = Status::inconclusive, .summary = "it was killed"}}),
              {});
  EXPECT_THAT(text, HasSubstr("         it was killed\n         to settle it: mend LC204 first\n"));
}

TEST(VerdictText, SendsWhoIsNotItsParentToStartingIt) {
  const std::string unknown = "its exit status is not known, " + std::string(judge::kNotOurChild);
  const std::string text =
      to_text(verdict_with({{.clause = "LC301", .status = Status::failed, .summary = "it had not ended"},
                            {.clause = "LC501", .status = Status::inconclusive, .summary = unknown}}),
              {});
  EXPECT_THAT(text, HasSubstr("         to settle it: let check start the server itself"));
}

TEST(VerdictText, SendsWhoLosesWithoutAShutdownTooToThat) {
  const std::string before = std::string(judge::kLostBefore) + ": slow /slow: answered 500";
  const std::string text =
      to_text(verdict_with({{.clause = "LC202", .status = Status::inconclusive, .summary = before}}), {});
  EXPECT_THAT(text, HasSubstr("to settle it: mend what goes wrong without a shutdown first"));
}

TEST(VerdictText, BlamesTheClientOnceWhereItWasTooSlow) {
  const std::string slow = std::string(judge::kClientTooSlow) + ": it was late";
  Verdict verdict = verdict_with({{.clause = "LC201", .status = Status::inconclusive, .summary = slow},
                                  {.clause = "LC202", .status = Status::inconclusive, .summary = slow}});
  verdict.status = Status::inconclusive;
  const std::string text = to_text(verdict, {});
  EXPECT_THAT(text, HasSubstr("  LC201  Closing the listener resets nobody\n"
                              "  LC202  Requests in flight finish\n"
                              "         the load client itself was too slow to tell: it was late\n"
                              "         to settle it: a lower --rate"));
  EXPECT_THAT(text, HasSubstr("INCONCLUSIVE   2 of 2 clauses could not be judged: this is no pass"));
}

TEST(VerdictText, GivesPassedClausesTheirStatisticalBound) {
  const std::string text = to_text(
      verdict_with({{.clause = "LC101", .status = Status::passed, .summary = "at once"},
                    {.clause = "LC201", .status = Status::passed, .summary = "none", .tried = 12'000}}),
      {});
  EXPECT_THAT(text, HasSubstr("\nPassed   \"at most\" is at 95 %\n"
                              "  LC101   LC201 0 of 12 000: at most 0.03 %\n"));
}

TEST(VerdictText, NamesTheReasonOfWhatWasSkippedOnce) {
  EXPECT_THAT(to_text(sample::passed_verdict(), {}),
              HasSubstr("  LC302 LC303 LC402 LC403 LC502 not visible from outside\n"));
}

TEST(VerdictText, OffersTheWrapperForWhatItMendsAndTheExplanationForTheRest) {
  Verdict verdict = sample::failed_verdict();
  std::ranges::find(verdict.findings, "LC206", &Finding::clause)->clause = "LC205";
  const std::string text = to_text(verdict, {});
  EXPECT_THAT(text, HasSubstr("  without a change to the app: LC103 LC201 LC202 LC203 LC204 LC301 LC501\n"
                              "    lastcall run -- node server.js --port {port} --token ***\n"));
  EXPECT_THAT(text, HasSubstr("    lastcall check --compare -- node server.js"));
  EXPECT_THAT(text, HasSubstr("  in the app: LC205\n    lastcall explain LC205\n"));
}

TEST(VerdictText, OffersNothingToWrapWhereThatMakesNoSense) {
  EXPECT_THAT(to_text(sample::passed_verdict(), {}), Not(HasSubstr("What to do")));
  Verdict verdict = sample::failed_verdict();
  verdict.command = {"lastcall", "run", "--", "node", "server.js"};
  EXPECT_THAT(to_text(verdict, {}), Not(HasSubstr("--compare")));
  verdict.command = {"http://127.0.0.1:8080/"};
  EXPECT_THAT(to_text(verdict, {}), HasSubstr("lastcall run -- CMD…\n"));
}

TEST(VerdictText, QuotesTheCommandAsAShellNeedsIt) {
  Verdict verdict = sample::failed_verdict();
  verdict.command = {"sh", "-c", "echo 'a b'; exec app"};
  EXPECT_THAT(to_text(verdict, {}), HasSubstr("\n  sh -c 'echo '\\''a b'\\''; exec app'\n"));
}

TEST(VerdictText, FitsTheTerminal) {
  for (const std::size_t columns : {72U, 80U, 100U, 120U}) {
    EXPECT_EQ(longer_than(columns, to_text(sample::failed_verdict(), {.columns = columns})), "");
    EXPECT_EQ(longer_than(columns, to_text(sample::passed_verdict(), {.columns = columns})), "");
  }
  EXPECT_EQ(longer_than(72, to_text(sample::failed_verdict(), {.columns = 1})), "");
  EXPECT_EQ(longer_than(120, to_text(sample::failed_verdict(), {.columns = 1000})), "");
}

TEST(VerdictText, ShowsTheWorstOfManyTrials) {
  Verdict verdict = sample::passed_verdict();
  verdict.trials.assign(40, {.number = 1, .status = Status::passed, .exit = "exit 0"});
  verdict.trials[38] = {.number = 39, .status = Status::failed, .exit = "exit 1"};
  const std::string text = to_text(verdict, {});
  EXPECT_THAT(text, HasSubstr("  trial 39  failed"));
  EXPECT_THAT(text, HasSubstr("  and 30 more, none of them worse\n"));
}

TEST(VerdictText, SaysTheSameInColour) {
  const std::string plain = to_text(sample::failed_verdict(), {});
  const std::string colour = to_text(sample::failed_verdict(), {.colour = true});
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  EXPECT_THAT(colour, HasSubstr("\x1b[1;31mFAILED\x1b[0m"));
  EXPECT_EQ(std::regex_replace(colour, std::regex("\x1b\\[[0-9;]*m"), ""), plain);
}

TEST(VerdictText, LetsNothingFromOutsideSteerTheTerminal) {
  const Verdict verdicts[] = {hostile(), hostile()};
  for (const std::string& text : {to_text(hostile(), {}), to_comparison(verdicts, {})}) {
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, Not(HasSubstr("\nowned")));
    EXPECT_THAT(text, HasSubstr("\\x1b[2J"));
  }
}

TEST(VerdictText, StandsAVerdictWithNothingInIt) {
  Verdict verdict;
  verdict.profile.grace = 10s;
  EXPECT_THAT(to_text(verdict, {}), HasSubstr("INCONCLUSIVE"));
  EXPECT_THAT(to_comparison(std::span(&verdict, 1), {}), HasSubstr("nothing was tried"));
}

TEST(Comparison, ShowsBothServersOnOneScreen) {
  const Verdict verdicts[] = {sample::failed_verdict(), sample::passed_verdict()};
  const std::string text = to_comparison(verdicts, {});
  EXPECT_THAT(text, ContainsRegex("\n  verdict +FAILED +PASSED\n"));
  EXPECT_THAT(text, ContainsRegex("\n  attempts lost +102 of 1 515 +0 of 2 792: at most 0.11 %\n"));
  EXPECT_THAT(text, ContainsRegex("\n  slow requests +(█)+│(█)+✗ +(█)+│(█)+\n"));
  EXPECT_THAT(text, ContainsRegex("\n  LC201 closing the listener +FAILED  9 of 612 +passed  0 of 664 "));
  EXPECT_THAT(text, HasSubstr("failed only in bare  LC103 LC201 LC202 LC203 LC204 LC206 LC301 LC501\n"));
  EXPECT_THAT(text, Not(HasSubstr("LC302"))) << "what was skipped in both";
  EXPECT_LE(std::ranges::count(text, '\n'), 48);
}

TEST(Comparison, SaysWhatFailsOnlyInTheSecond) {
  const Verdict verdicts[] = {sample::passed_verdict(), sample::failed_verdict()};
  EXPECT_THAT(to_comparison(verdicts, {}), HasSubstr("failed only in bare  LC103"));
  const Verdict same[] = {sample::passed_verdict(), sample::passed_verdict()};
  EXPECT_THAT(to_comparison(same, {}), Not(HasSubstr("failed only")));
}

TEST(Comparison, TellsACommandOnceThatTwoShare) {
  Verdict verdicts[] = {sample::failed_verdict(), sample::failed_verdict(), sample::passed_verdict()};
  verdicts[1].title = "app told first";
  verdicts[1].command = verdicts[2].command = {"lastcall", "run"};
  const std::string text = to_comparison(verdicts, {});
  EXPECT_THAT(text, HasSubstr("\n  app told first  the same as " + verdicts[2].title + "\n"));
}

TEST(Comparison, FitsTheTerminal) {
  const Verdict two[] = {sample::failed_verdict(), sample::passed_verdict()};
  const Verdict three[] = {sample::failed_verdict(), sample::failed_verdict(), sample::passed_verdict()};
  for (const std::size_t columns : {80U, 100U}) {
    EXPECT_EQ(longer_than(columns, to_comparison(two, {.columns = columns})), "");
    EXPECT_EQ(longer_than(columns, to_comparison(three, {.columns = columns})), "");
  }
}

TEST(Comparison, SaysTheSameInColour) {
  const Verdict verdicts[] = {sample::failed_verdict(), sample::passed_verdict()};
  EXPECT_EQ(std::regex_replace(to_comparison(verdicts, {.colour = true}), std::regex("\x1b\\[[0-9;]*m"), ""),
            to_comparison(verdicts, {}));
}

TEST(VerdictText, SaysThatTrialsWereRunAgain) {
  judge::Verdict verdict = sample::passed_verdict();
  verdict.trials[0].spoiled = 2;
  EXPECT_THAT(to_text(verdict, {}),
              HasSubstr("in 99 %; 2 trials thrown away and run again, because it was later"));
}

}  // namespace
}  // namespace lastcall::report
