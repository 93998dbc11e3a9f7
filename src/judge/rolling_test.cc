#include "judge/rolling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::judge {
namespace {

using testing::HasSubstr;

constexpr Time kStart{1000s};

/// Two replicas restarted at 1 s and at 3 s; 50 good requests a second all the while.
RollingEvidence flawless() {
  RollingEvidence evidence;
  evidence.setup = {
      .title = {}, .command = {"./server"}, .balancer = "haproxy", .replicas = 2, .restarts = 2};
  evidence.flows = {{.name = "new connections", .kind = Kind::fresh, .path = "/"}};
  for (const std::uint32_t i : {0U, 1U}) {
    const Time signalled = kStart + 1s + i * 2s;
    evidence.restarts.push_back({.replica = i + 1,
                                 .signalled = signalled,
                                 .exited = signalled + 500ms,
                                 .ready = signalled + 700ms,
                                 .routed = signalled + 900ms,
                                 .exit = "exit 0"});
  }
  for (int i = 0; i < 250; ++i) {
    const Time begun = kStart + i * 20ms;
    evidence.observations.push_back(
        {.status = 200, .intended = begun, .started = begun, .ended = begun + 5ms});
  }
  return evidence;
}

void add_error(RollingEvidence& evidence, Duration since_start, Outcome outcome, std::int16_t status = 0) {
  const Time at = kStart + since_start;
  evidence.observations.push_back({.outcome = outcome,
                                   .reused = true,
                                   .status = status,
                                   .intended = at - 7ms,
                                   .started = at - 7ms,
                                   .ended = at});
}

TEST(Rolling, PassesWhenEveryRequestWasAnswered) {
  const RollingVerdict verdict = judge(flawless());
  EXPECT_EQ(verdict.status, Status::passed);
  EXPECT_EQ(verdict.before.attempts(), 50U);
  EXPECT_EQ(verdict.seen.attempts(), 200U);
  EXPECT_EQ(errors(verdict.seen), 0U);
  EXPECT_EQ(verdict.worst, std::nullopt);
  ASSERT_EQ(verdict.steps.size(), 2U);
  EXPECT_EQ(verdict.steps[1].replica, 2U);
  EXPECT_EQ(verdict.steps[1].took, 500ms);
  EXPECT_EQ(verdict.steps[1].back, 900ms);
}

TEST(Rolling, SaysHowMuchNoErrorProves) {
  EXPECT_NEAR(judge(flawless()).upper_bound, 3.0 / 200, 0.001);
}

TEST(Rolling, OneErrorFailsAndBelongsToTheRestartInWhichItEnded) {
  RollingEvidence evidence = flawless();
  add_error(evidence, 3250ms, Outcome::server_error, 502);
  const RollingVerdict verdict = judge(evidence);
  EXPECT_EQ(verdict.status, Status::failed);
  EXPECT_EQ(errors(verdict.steps[0].seen), 0U);
  EXPECT_EQ(errors(verdict.steps[1].seen), 1U);
  EXPECT_EQ(verdict.worst, 1U);
  ASSERT_EQ(verdict.evidence.size(), 1U);
  EXPECT_EQ(verdict.evidence[0].trial, 2U);
  EXPECT_EQ(verdict.evidence[0].at, 250ms);
  EXPECT_EQ(verdict.evidence[0].what, "new connections: answered 502 after 7 ms, on a kept connection");
}

TEST(Rolling, ARefusalIsAnErrorBecauseThereIsNobodyElseToAsk) {
  RollingEvidence evidence = flawless();
  add_error(evidence, 2s, Outcome::refused);
  EXPECT_EQ(judge(evidence).status, Status::failed);
}

TEST(Rolling, ErrorsBeforeTheFirstRestartProveNothingEitherWay) {
  RollingEvidence evidence = flawless();
  add_error(evidence, 500ms, Outcome::server_error, 500);
  add_error(evidence, 2s, Outcome::server_error, 500);
  const RollingVerdict verdict = judge(evidence);
  EXPECT_EQ(verdict.status, Status::inconclusive);
  EXPECT_THAT(verdict.summary, HasSubstr("before anything was restarted"));
}

TEST(Rolling, IsInconclusiveWhenARestartMetHardlyAnyRequest) {
  RollingEvidence evidence = flawless();
  std::erase_if(evidence.observations, [](const Observation& one) { return one.ended > kStart + 3s; });
  EXPECT_EQ(judge(evidence).status, Status::inconclusive);
}

TEST(Rolling, IsInconclusiveWhenRestartsAreMissing) {
  RollingEvidence evidence = flawless();
  evidence.setup.restarts = 3;
  EXPECT_EQ(judge(evidence).status, Status::inconclusive);
}

TEST(Rolling, IsInconclusiveWhenTheClientItselfWasTooSlow) {
  RollingEvidence evidence = flawless();
  add_error(evidence, 2s, Outcome::unsent);
  const RollingVerdict verdict = judge(evidence);
  EXPECT_EQ(verdict.status, Status::inconclusive);
  EXPECT_THAT(verdict.summary, HasSubstr("bottleneck"));
}

TEST(Rolling, KeepsTheFirstErrorsOnlyButCountsThemAll) {
  RollingEvidence evidence = flawless();
  for (int i = 0; i < 100; ++i) {
    add_error(evidence, 1100ms + i * 1ms, Outcome::eof);
  }
  const RollingVerdict verdict = judge(evidence);
  EXPECT_EQ(verdict.evidence.size(), Finding::kMaxEvidence);
  EXPECT_EQ(errors(verdict.seen), 100U);
}

}  // namespace
}  // namespace lastcall::judge
