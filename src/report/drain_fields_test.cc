#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/drain_report.h"

namespace lastcall::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string logged(const drain::DrainReport& report) {
  std::string line;
  const log::Logger logger(
      log::Level::info, log::Format::text, [&line](std::string_view text) { line = text; }, [] { return 0; });
  logger.write(log::Level::info, "drain_report", to_log_fields(report));
  return line;
}

TEST(ReportFields, TellTheVerdictFirst) {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.took = 5203417us;
  EXPECT_THAT(logged(report),
              HasSubstr("drain_report clean=true exit_status=0 took_ms=5203.42 cause=SIGTERM"));
}

TEST(ReportFields, TellOfEachPhaseAndCount) {
  drain::DrainReport report;
  report.phases = {{drain::Phase::lame_duck, 0s, 5s}, {drain::Phase::draining, 5s, 250ms}};
  report.lame_duck = {.entered = true, .ended_by = "quiet"};
  report.traffic.finished = 57;
  report.traffic.cut = 2;
  report.traffic.last_probe = 4s;
  report.traffic.listener_close = "unix";
  report.steps = {{.outcome = "abandoned"}, {.outcome = "failed"}, {.outcome = "done"}};
  const std::string line = logged(report);
  EXPECT_THAT(line,
              HasSubstr("lame_duck_ms=5000 draining_ms=250 lame_duck_ended_by=quiet last_probe_ms=4000"));
  EXPECT_THAT(line, HasSubstr("finished=57"));
  EXPECT_THAT(line, HasSubstr("cut=2"));
  EXPECT_THAT(line, HasSubstr("listener_close=unix listener_left=0"));
  EXPECT_THAT(line, HasSubstr("steps_failed=1 steps_abandoned=1"));
}

TEST(ReportFields, OfAServiceTellOfAllItsScopesTogether) {
  drain::DrainReport report;
  report.steps = {{.name = "outbox", .outcome = "done", .lost = "1 mail"},
                  {.name = "work: jobs", .outcome = "abandoned", .is_scope = true}};
  report.work = drain::WorkReport{
      .scopes = {{.name = "jobs", .finished = 2, .cut = 1}, {.name = "mails", .finished = 3}}};
  const std::string line = logged(report);
  EXPECT_THAT(line, HasSubstr("finished=5"));
  EXPECT_THAT(line, HasSubstr("cut=1 steps_failed=0 steps_abandoned=0 steps_with_losses=1"));
  EXPECT_THAT(line, Not(HasSubstr("app_")));
}

TEST(ReportFields, LeaveOutWhatNeverCame) {
  const std::string line = logged({});
  EXPECT_THAT(line, Not(HasSubstr("last_probe_ms")));
  EXPECT_THAT(line, Not(HasSubstr("app_exit_status")));
  EXPECT_THAT(line, Not(HasSubstr("force_cause")));
}

TEST(ReportFields, FitIntoOneLineAtTheirLongest) {
  drain::DrainReport report;
  report.forced = true;
  report.cause = report.force_cause = std::string(5000, 'x');
  report.traffic.last_connection = report.traffic.last_probe = 1s;
  report.app.signalled = report.app.exited = 1s;
  report.app.signal = 15;
  EXPECT_THAT(logged(report), Not(HasSubstr("truncated=true")));
}

}  // namespace
}  // namespace lastcall::report
