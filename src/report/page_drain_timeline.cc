#include <algorithm>

#include <fmt/format.h>

#include "report/page_chart.h"
#include "report/page_drain.h"
#include "report/page_lanes.h"
#include "report/page_words.h"

namespace lastcall::report::page {

namespace {

using drain::DrainReport;
using drain::Phase;

class Lanes {
 public:
  explicit Lanes(Chart& chart) : chart_(chart) {}

  void add(std::string name, std::string result, const std::vector<Span>& spans) {
    const bool bad = std::ranges::any_of(spans, [](const Span& span) { return span.mood == Mood::bad; });
    chart_.lanes.push_back({.name = std::move(name),
                            .result = std::move(result),
                            .mood = bad ? Mood::bad : Mood::plain,
                            .drawing = draw_spans(spans, chart_.frame),
                            .bins = {}});
  }

 private:
  Chart& chart_;
};

std::string name_of(Phase phase) {
  return phase == Phase::lame_duck ? "lame duck" : std::string(to_string(phase));
}

void add_phases(Lanes& lanes, const DrainReport& report) {
  for (const drain::PhaseSpan& phase : report.phases) {
    if (phase.phase != Phase::stopped) {
      const std::string lasted = how_long(phase.lasted);
      lanes.add(name_of(phase.phase), lasted,
                {{.begin = phase.began,
                  .end = phase.began + phase.lasted,
                  .what = name_of(phase.phase) + ": " + lasted}});
    }
  }
}

bool lost_something(const drain::StepReport& step) {
  return step.outcome == "failed" || (step.outcome == "abandoned" && !step.courtesy);
}

void add_steps(Lanes& lanes, const DrainReport& report) {
  for (const drain::StepReport& step : report.steps) {
    if (step.outcome == "skipped") {
      continue;
    }
    const std::string result = fmt::format("{} after {}", step.outcome, how_long(step.lasted));
    lanes.add("step " + step.name, result,
              {{.begin = step.began,
                .end = step.began + step.lasted,
                .mood = lost_something(step) ? Mood::bad : Mood::good,
                .what = step.detail.empty() ? result : result + ": " + step.detail}});
  }
}

/// Requests are cut when the step that waits for them is abandoned.
Duration cut_at(const DrainReport& report) {
  for (const drain::StepReport& step : report.steps) {
    if (step.name == "requests" && step.outcome == "abandoned") {
      return step.began + step.lasted;
    }
  }
  return std::min(report.drain_deadline, report.took);
}

void add_cuts(Lanes& lanes, const DrainReport& report) {
  if (report.traffic.cut == 0) {
    return;
  }
  const Duration at = cut_at(report);
  std::vector<Span> spans;
  spans.reserve(report.traffic.cuts.size());
  for (const drain::CutExchange& cut : report.traffic.cuts) {
    spans.push_back(
        {.begin = at - cut.age, .end = at, .mood = Mood::bad, .what = cut.method + " " + cut.path});
  }
  lanes.add("requests cut", grouped(report.traffic.cut) + " cut", spans);
}

void add_app(Lanes& lanes, const DrainReport& report) {
  const drain::AppReport& app = report.app;
  if (!app.started || !app.exited) {
    return;
  }
  lanes.add("app", end_of(app),
            {{.begin = app.signalled.value_or(0s),
              .end = *app.exited,
              .mood = app.killed ? Mood::bad : Mood::plain,
              .what = "from its signal to its end"}});
}

std::vector<judge::Timeline::Mark> marks(const DrainReport& report) {
  std::vector<judge::Timeline::Mark> all = {{0s, report.cause.empty() ? "signal" : report.cause}};
  const auto add = [&](const std::optional<Duration>& at, const char* what) {
    if (at && *at != 0s) {
      all.push_back({*at, what});
    }
  };
  add(report.lame_duck.announced, "Connection: close announced");
  add(report.traffic.last_connection, "last new connection");
  add(report.traffic.last_probe, "last probe");
  add(report.lame_duck.ended, "listener begins to close");
  if (report.drain_deadline <= report.took) {
    add(report.drain_deadline, "drain deadline");
  }
  add(report.app.signalled, "app signalled");
  all.push_back({report.took, fmt::format("exit {}", report.exit_status)});
  return all;
}

}  // namespace

Html draw_drain_timeline(const DrainReport& report) {
  const Duration took = std::max<Duration>(report.took, 1ms);
  Chart chart{.frame = {.begin = -took / 25, .end = took + took / 20}, .marks = marks(report), .lanes = {}};
  Lanes lanes(chart);
  add_phases(lanes, report);
  add_steps(lanes, report);
  add_cuts(lanes, report);
  add_app(lanes, report);
  return draw(Card{.name = "timeline",
                   .heading = "Timeline",
                   .whose = {},
                   .content = draw(chart),
                   .height = height_of(chart) + 90});
}

}  // namespace lastcall::report::page
