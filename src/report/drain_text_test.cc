#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/drain_report.h"

namespace lastcall::report {
namespace {

using testing::HasSubstr;
using testing::Not;

drain::DrainReport clean_report() {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.took = 8200ms;
  report.lame_duck = {.entered = true, .ended_by = "quiet", .announced = 3s, .ended = 5s};
  report.traffic.at_signal = {.requests = 12, .tunnels = 1, .idle = 20};
  report.traffic.finished = 57;
  report.traffic.last_connection = 2900ms;
  report.traffic.listener_close = "bindtoifindex";
  report.app = {.started = true, .exit_status = 0, .signalled = 5200ms, .exited = 8199ms};
  return report;
}

TEST(ReportText, TellsACleanShutdownInAFewLines) {
  EXPECT_EQ(to_text(clean_report()),
            "clean shutdown in 8.20 s after SIGTERM: exit status 0\n"
            "  lame duck  5.00 s, ended by quiet; last new connection at 2.90 s\n"
            "  in flight  12 requests, 1 tunnel and 20 idle connections when it began\n"
            "  requests   57 finished and 0 cut\n"
            "  listener   closed by bindtoifindex\n"
            "  app        signalled at 5.20 s and exited with status 0 at 8.20 s\n");
}

TEST(ReportText, TellsHowWebSocketsAndStreamsEnded) {
  drain::DrainReport report = clean_report();
  report.traffic.websockets = {.closed = 980, .client_silent = 19, .app_silent = 1};
  report.traffic.event_streams_ended = 7;
  const std::string text = to_text(report);
  EXPECT_THAT(text,
              HasSubstr("  websockets 980 closed, 19 without an answer of their clients and 1 without an "
                        "answer of the app\n"));
  EXPECT_THAT(text, HasSubstr("  streams    7 ended between two events\n"));
}

TEST(ReportText, NamesWhatWasCutAbandonedAndKilled) {
  drain::DrainReport report = clean_report();
  report.exit_status = 1;
  report.traffic.cut = 7;
  report.traffic.cuts.assign(7, {.method = "GET",
                                 .path = "/slow",
                                 .client = "10.0.0.7",
                                 .age = 21s,
                                 .bytes_in = 120,
                                 .bytes_out = 4096,
                                 .reason = "drain deadline"});
  report.steps = {{.name = "listener", .outcome = "done"},
                  {.name = "app", .outcome = "abandoned", .detail = "deadline", .lasted = 9s}};
  report.app = {.started = true, .killed = true, .signal = 9, .signalled = 20s, .exited = 29s};
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("unclean shutdown"));
  EXPECT_THAT(text,
              HasSubstr("  cut        GET /slow from 10.0.0.7: 21.00 s old, 120 bytes in, 4096 bytes out "
                        "(drain deadline)\n"));
  EXPECT_THAT(text, HasSubstr("  cut        and 2 more\n"));
  EXPECT_THAT(text, HasSubstr("  step       app abandoned after 9.00 s: deadline\n"));
  EXPECT_THAT(text, HasSubstr("signalled at 20.00 s and killed with SIGKILL at 29.00 s\n"));
  EXPECT_THAT(text, Not(HasSubstr("listener done")));
}

TEST(ReportText, TellsOfAServicesOwnWorkAndNothingOfTrafficAndApp) {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.took = 20s;
  report.steps = {{.name = "outbox", .outcome = "done", .lost = "1 mail"},
                  {.name = "db", .outcome = "skipped", .detail = "forced"}};
  report.work = drain::WorkReport{.scopes = {{.name = "jobs", .at_signal = 3, .finished = 2, .cut = 1}},
                                  .cuts = {{.scope = "jobs", .label = "export 7", .age = 21s}}};
  report.exit_status = 1;
  EXPECT_EQ(to_text(report),
            "unclean shutdown in 20.00 s after SIGTERM: exit status 1\n"
            "  work       jobs: 3 in flight at the signal, 2 finished and 1 cut\n"
            "  cut        export 7 of jobs: 21.00 s old\n"
            "  step       outbox lost 1 mail\n"
            "  step       db skipped: forced\n");
}

TEST(ReportText, SaysWhoForcedIt) {
  drain::DrainReport report = clean_report();
  report.forced = true;
  report.force_cause = "second SIGINT";
  EXPECT_THAT(to_text(report), HasSubstr("after SIGTERM, forced by second SIGINT: exit status"));
}

TEST(ReportText, SaysHowToFixASignalFromSomeoneElse) {
  drain::DrainReport report = clean_report();
  report.app = {.started = true,
                .exited_by_itself = true,
                .signalled_by_others = true,
                .others_fix =
                    "have only lastcall signalled (systemd: KillMode=mixed; else signal the process, "
                    "not its group)",
                .signal = 15,
                .exited = 1s};
  EXPECT_THAT(to_text(report), HasSubstr("ended by SIGTERM at 1.00 s\n"));
  EXPECT_THAT(to_text(report), HasSubstr("signal the process, not its group)\n"));
}

TEST(ReportText, TellsOfAnAppThatNeverStartedOrExitedByItself) {
  EXPECT_THAT(to_text({}), HasSubstr("app        never started"));
  drain::DrainReport report = clean_report();
  report.app = {.started = true, .exited_by_itself = true, .exit_status = 3, .exited = 1ms};
  EXPECT_THAT(to_text(report), HasSubstr("app        exited with status 3 at 1 ms and by itself"));
}

TEST(ReportText, NeverSteersTheTerminal) {
  drain::DrainReport report = clean_report();
  report.traffic.cut = 1;
  report.traffic.cuts = {
      {.method = "GET", .path = "/\x1b[2J\n\xc2\x9b" + std::string(500, 'x'), .client = "::1"}};
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("GET /\\x1b[2J\\x0a\\xc2\\x9bxxx"));
  EXPECT_THAT(text, HasSubstr("x... from ::1"));
}

}  // namespace
}  // namespace lastcall::report
