// Prints what follows "## Example" in docs/drain-report.md.
#include <cstdio>
#include <string>

#include "report/drain_report.h"

namespace {

using namespace lastcall;  // NOLINT(google-build-using-namespace): 30s, 10ms

/// One request outlived the drain deadline; everything else went well.
drain::DrainReport example() {
  drain::DrainReport report;
  report.cause = "SIGTERM";
  report.grace = 30s;
  report.drain_deadline = 19s;
  report.deadline = 29s;
  report.took = 20114ms + 562us;
  report.phases = {{drain::Phase::lame_duck, 0s, 5200ms},
                   {drain::Phase::draining, 5200ms, 13800ms},
                   {drain::Phase::stopping, 19s, 1114562us},
                   {drain::Phase::stopped, 20114562us, 0s}};
  report.lame_duck = {.entered = true, .ended_by = "quiet", .announced = 3s, .ended = 5200ms};
  report.steps = {{.name = "listener", .outcome = "done", .began = 5200ms, .lasted = 152ms},
                  {.name = "requests",
                   .outcome = "abandoned",
                   .detail = "drain deadline",
                   .began = 5200ms,
                   .lasted = 13800ms},
                  {.name = "app", .outcome = "done", .began = 19s, .lasted = 1114ms},
                  {.name = "linger", .outcome = "done", .began = 19s, .lasted = 31ms}};
  report.traffic.at_signal = {.requests = 12, .uploads = 1, .downloads = 4, .idle = 20, .silent = 3};
  report.traffic.finished = 331;
  report.traffic.cut = 1;
  report.traffic.cuts = {{.method = "GET",
                          .path = "/export",
                          .client = "10.0.0.7",
                          .age = 21370ms,
                          .bytes_in = 161,
                          .bytes_out = 8'519'680,
                          .reason = "drain deadline"}};
  report.traffic.accepted = 64;
  report.traffic.idle_closed = 18;
  report.traffic.last_connection = 3200ms;
  report.traffic.last_probe = 5s;
  report.traffic.listener_close = "bindtoifindex";
  report.traffic.handshakes_at_close = 3;
  report.app = {.started = true, .signal = 15, .signalled = 19s + 300us, .exited = 20114ms};
  report.exit_status = 1;
  return report;
}

std::string log_line(const drain::DrainReport& report) {
  std::string line;
  const log::Logger logger(
      log::Level::info, log::Format::text, [&line](std::string_view text) { line = text; },
      [] { return 1'767'225'600'000; });
  logger.write(log::Level::warn, "drain_report", report::to_log_fields(report));
  return line;
}

void print_block(const char* title, const char* language, const std::string& text) {
  std::printf("\n%s:\n\n```%s\n%s```\n", title, language, text.c_str());
}

}  // namespace

int main() {
  const drain::DrainReport report = example();
  print_block("As a person reads it", "text", report::to_text(report));
  print_block("As the last log line", "text", log_line(report));
  print_block("As a document", "json", report::to_json(report));
  return 0;
}
