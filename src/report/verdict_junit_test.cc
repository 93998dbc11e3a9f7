#include "report/verdict_junit.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/verdict_sample.h"

namespace lastcall::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string junit_of(const judge::Verdict& verdict) {
  return to_junit({&verdict, 1});
}

/// From its opening tag to the next case's.
std::string test_case(const std::string& junit, std::string_view clause) {
  const std::size_t name = junit.find("name=\"" + std::string(clause) + " ");
  EXPECT_NE(name, std::string::npos) << clause;
  return junit.substr(name, junit.find("</testcase>", name) - name);
}

TEST(Junit, CountsWhatFailedWhatWasNotProvedAndWhatDidNotApply) {
  const std::string junit = junit_of(sample::failed_verdict());
  const std::string counts = R"(tests="21" failures="8" errors="2" skipped="7" time="32.809")";
  EXPECT_THAT(junit, HasSubstr("<testsuites name=\"lastcall check\" " + counts));
  EXPECT_THAT(junit, HasSubstr("<testsuite name=\"lastcall.check.bare\" " + counts));
}

TEST(Junit, AFailedClauseIsAFailureWithItsEvidenceAndTheWayToItsCure) {
  const std::string one = test_case(junit_of(sample::failed_verdict()), "LC202");
  EXPECT_THAT(one, HasSubstr("<failure type=\"failed\" message=\"27 of 86 requests in flight were cut"));
  EXPECT_THAT(one, HasSubstr("broken: 27 of 86, at most "));
  EXPECT_THAT(one, HasSubstr("\ntrial 1, +1.408 s: slow: reset, 0 bytes received (ECONNRESET)\n"));
  EXPECT_THAT(one, HasSubstr("lastcall explain LC202"));
}

TEST(Junit, AnInconclusiveClauseIsAnErrorAndNeverGreen) {
  const std::string one = test_case(junit_of(sample::failed_verdict()), "LC207");
  EXPECT_THAT(one, HasSubstr("<error type=\"inconclusive\" message=\"inconclusive: no event stream"));
}

TEST(Junit, ASkippedClauseSaysWhy) {
  const std::string one = test_case(junit_of(sample::failed_verdict()), "LC205");
  EXPECT_THAT(one, HasSubstr("<skipped message=\"HTTP/2 is not checked yet\"/>"));
}

TEST(Junit, APassedClauseSaysWhatWasSeen) {
  const std::string one = test_case(junit_of(sample::passed_verdict()), "LC202");
  EXPECT_THAT(one, HasSubstr("<system-out>0 of 90 requests in flight were cut\n"));
  EXPECT_THAT(one, Not(HasSubstr("explain")));
}

TEST(Junit, OfComparedVerdictsOnlyTheLastIsTold) {
  const std::vector<judge::Verdict> compared = {sample::failed_verdict(), sample::passed_verdict()};
  EXPECT_EQ(to_junit(compared), junit_of(sample::passed_verdict()));
}

TEST(Junit, EscapesWhatComesFromOutside) {
  judge::Verdict verdict = sample::failed_verdict();
  verdict.title = "a<b";
  verdict.command = {"sh", "\"><x/>"};
  verdict.findings[0].summary = "\x1b[31m<boom>\xff";
  verdict.findings[0].status = judge::Status::inconclusive;
  const std::string junit = junit_of(verdict);
  EXPECT_THAT(junit, HasSubstr("lastcall.check.a&lt;b"));
  EXPECT_THAT(junit, HasSubstr("value=\"sh &quot;&gt;&lt;x/&gt;\""));
  EXPECT_THAT(junit, HasSubstr("message=\"inconclusive: [31m&lt;boom&gt;\xef\xbf\xbd\""));
}

}  // namespace
}  // namespace lastcall::report
