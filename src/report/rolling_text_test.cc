#include "report/rolling_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/rolling_sample.h"

namespace lastcall::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr TextStyle kPlain{.columns = 100, .colour = false};

std::vector<judge::RollingVerdict> compared() {
  return {sample::failed_rolling(), sample::passed_rolling()};
}

TEST(RollingText, SaysWhatUsersSawAndHowSureThatIs) {
  const judge::RollingVerdict verdict = sample::passed_rolling();
  const std::string text = to_text(std::span(&verdict, 1), kPlain);
  EXPECT_THAT(text, AllOf(HasSubstr("2 restarts of 3 replicas behind haproxy"), HasSubstr("seed 7"),
                          HasSubstr("at most, with 95 % confidence"), HasSubstr("0.75 %"),
                          HasSubstr("\nPASSED  lastcall run: 0 errors in 400 requests over 2 restarts\n")));
}

TEST(RollingText, ShowsOnlyKindsOfErrorsThatThereWere) {
  const auto verdicts = compared();
  const std::string both = to_text(verdicts, kPlain);
  EXPECT_THAT(both, AllOf(HasSubstr("answered 5xx"), Not(HasSubstr("refused by the balancer"))));
  EXPECT_THAT(to_text(std::span(verdicts).last(1), kPlain), Not(HasSubstr("answered 5xx")));
}

TEST(RollingText, SetsComparedCommandsSideBySide) {
  const std::string text = to_text(compared(), kPlain);
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("              bare      lastcall run\n"),
            HasSubstr("errors that users saw                          3                 0\n"),
            HasSubstr("3 in restart 1              none\n"), HasSubstr("died of SIGTERM            exit 0\n"),
            HasSubstr("\nFAILED  bare: 3 errors in "), HasSubstr("\nPASSED  lastcall run: 0 errors in ")));
}

TEST(RollingText, NamesTheFirstErrorsAndTheSettingsThatDecide) {
  const std::string text = to_text(compared(), kPlain);
  EXPECT_THAT(text, AllOf(HasSubstr("restart 1        +24 ms  slow: answered 502 after 20 ms\n"),
                          HasSubstr("haproxy has these settings:\n\n  retries 3")));
}

}  // namespace
}  // namespace lastcall::report
