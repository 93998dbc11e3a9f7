#include <fmt/format.h>

#include "base/signal_name.h"
#include "judge/clause.h"
#include "report/page_drain.h"
#include "report/page_findings.h"
#include "report/page_words.h"

namespace lastcall::report::page {

namespace {

using drain::DrainReport;
using judge::Status;

struct Item {
  std::string_view clause;
  Status status;
  std::string summary;
  std::string advice{};
  std::vector<std::string> evidence{};
};

Html draw(const Item& item) {
  Html content = element("h3", {},
                         sign(item.status) + element("span", {{"class", "id"}}, item.clause) + " " +
                             title_of(item.clause)) +
                 element("p", {{"class", "summary"}}, item.summary);
  Html evidence;
  for (const std::string& line : item.evidence) {
    evidence += element("li", {}, line);
  }
  if (!evidence.empty()) {
    content += element("div", {{"class", "evidence"}}, element("ul", {}, evidence));
  }
  if (!item.advice.empty()) {
    content += element("p", {{"class", "suffer"}}, element("strong", {}, "What helps:") + " " + item.advice);
  }
  return element("article", {{"class", "finding " + style(item.status)}}, content);
}

std::string told(const drain::CutExchange& cut) {
  return fmt::format("{} {} from {}: {} old, {} bytes in, {} bytes out ({})", cut.method, cut.path,
                     cut.client, how_long(cut.age), grouped(cut.bytes_in), grouped(cut.bytes_out),
                     cut.reason);
}

Item requests(const DrainReport& report) {
  const drain::TrafficReport& traffic = report.traffic;
  if (traffic.cut == 0) {
    return {.clause = "LC202",
            .status = Status::passed,
            .summary = fmt::format("{} after the signal, none was cut",
                                   counted(traffic.finished, "request finished", "requests finished"))};
  }
  Item item{.clause = "LC202",
            .status = Status::failed,
            .summary = fmt::format("{} and {} finished",
                                   counted(traffic.cut, "request was cut", "requests were cut"),
                                   grouped(traffic.finished))};
  for (const drain::CutExchange& cut : traffic.cuts) {
    item.evidence.push_back(told(cut));
  }
  if (traffic.cut > traffic.cuts.size()) {
    item.evidence.push_back(fmt::format("and {} more", grouped(traffic.cut - traffic.cuts.size())));
  }
  item.advice = report.forced ? "it was forced: without that they would have had until the drain deadline"
                              : "a longer --drain-timeout, and with it a longer --grace";
  return item;
}

Item work(const DrainReport& report) {
  const drain::ScopeReport total = report.work->total();
  Item item{.clause = "LC202",
            .status = total.cut == 0 ? Status::passed : Status::failed,
            .summary = fmt::format("of the service's own work {} finished after the signal and {} cut",
                                   counted(total.finished, "piece", "pieces"),
                                   total.cut == 0 ? "none was" : counted(total.cut, "was", "were"))};
  for (const drain::CutWork& cut : report.work->cuts) {
    item.evidence.push_back(fmt::format("{} of {}: {} old", cut.label, cut.scope, how_long(cut.age)));
  }
  if (total.cut > 0) {
    item.advice =
        report.forced
            ? "it was forced: without that it would have had until the drain deadline"
            : "a longer drain, and with it a longer grace period; or work that heeds the abort token";
  }
  return item;
}

Item lame_duck(const DrainReport& report) {
  if (!report.lame_duck.entered || !report.lame_duck.ended) {
    return {.clause = "LC104", .status = Status::skipped, .summary = "there was no lame duck"};
  }
  Item item{.clause = "LC104",
            .status = Status::passed,
            .summary = fmt::format("still accepting for {}, ended by {}", how_long(*report.lame_duck.ended),
                                   report.lame_duck.ended_by)};
  if (report.traffic.last_connection) {
    item.summary += ", last new connection " + since_signal(*report.traffic.last_connection);
  }
  if (report.lame_duck.ended_by == "max") {
    item.advice =
        "if it ends by max at every stop: --lame-duck is too short for the balancers in front, or clients "
        "redial without one";
  }
  return item;
}

Item listener(const DrainReport& report) {
  const drain::TrafficReport& traffic = report.traffic;
  const bool left = traffic.listener_left > 0;
  return {.clause = "LC201",
          .status = traffic.listener_close.empty() ? Status::skipped
                    : left                         ? Status::inconclusive
                                                   : Status::passed,
          .summary = traffic.listener_close.empty()
                         ? "the listener was not closed"
                         : fmt::format("closed by {}: {} under way, {} left", traffic.listener_close,
                                       counted(traffic.handshakes_at_close, "handshake", "handshakes"),
                                       left ? grouped(traffic.listener_left) : "none")};
}

Item idle(const DrainReport& report) {
  const drain::TrafficReport& traffic = report.traffic;
  Item item{.clause = "LC204",
            .status = traffic.lost_race == 0 ? Status::passed : Status::inconclusive,
            .summary =
                fmt::format("{}, {} too late on one of them",
                            counted(traffic.idle_closed, "idle connection closed", "idle connections closed"),
                            counted(traffic.lost_race, "request came", "requests came"))};
  if (traffic.lost_race > 0) {
    item.advice = "clients reuse connections after longer pauses than --idle-grace: raise it";
  }
  return item;
}

Item app(const DrainReport& report) {
  const drain::AppReport& app = report.app;
  const std::string end = end_of(app);
  Item item{
      .clause = "LC301",
      .status = !app.started ? Status::skipped
                : app.killed ? Status::failed
                             : Status::passed,
      .summary = app.started ? "the app " + (end.empty() ? "did not end" : end) : "the app never started"};
  if (app.exited) {
    item.summary += fmt::format(" {} after the signal", how_long(*app.exited));
  }
  if (app.killed) {
    item.advice = "a longer --app-stop, and with it a longer --grace; or find what keeps the app from ending";
  } else if (app.signalled_by_others) {
    item.advice = "someone else signalled the app before lastcall did" +
                  (app.others_fix ? ": " + *app.others_fix : std::string());
  }
  return item;
}

Item left_behind(const DrainReport& report) {
  const std::uint64_t killed = report.app.descendants_killed;
  return {.clause = "LC401",
          .status = killed == 0 ? Status::passed : Status::failed,
          .summary = killed == 0
                         ? "the app left no process behind"
                         : fmt::format("{} that the app had left behind",
                                       counted(killed, "process was killed", "processes were killed")),
          .advice = killed == 0 ? "" : "the app should end and reap what it starts"};
}

Item steps(const DrainReport& report) {
  Item item{.clause = "LC402", .status = Status::passed, .summary = "every step ended by itself"};
  for (const drain::StepReport& step : report.steps) {
    if (!step.lost.empty()) {
      item.status = Status::failed;
      item.summary = "something was lost";
      item.evidence.push_back(fmt::format("{} lost {}", step.name, step.lost));
    }
    if (step.outcome == "skipped" && !step.detail.empty()) {
      item.evidence.push_back(fmt::format("{} skipped: {}", step.name, step.detail));
    }
    if (step.outcome != "failed" && step.outcome != "abandoned") {
      continue;
    }
    const bool lost_nothing = step.outcome == "abandoned" && step.courtesy;
    item.evidence.push_back(
        fmt::format("{} {} after {}: {}", step.name, step.outcome, how_long(step.lasted), step.detail));
    item.status = lost_nothing ? item.status : Status::failed;
    item.summary = item.status == Status::failed ? "not every step ended" : "what was abandoned lost nothing";
  }
  return item;
}

Item exit_of(const DrainReport& report) {
  return {.clause = "LC501",
          .status = Status::passed,
          .summary = fmt::format("exit status {}, {}", report.exit_status,
                                 report.clean() ? "and nothing was cut" : "because it was not clean")};
}

Item force(const DrainReport& report) {
  return {.clause = "LC102",
          .status = report.forced ? Status::failed : Status::passed,
          .summary = report.forced ? "cut short by " + report.force_cause : "nobody forced it"};
}

}  // namespace

Html draw_drain_findings(const DrainReport& report) {
  std::vector<Item> items = {force(report), lame_duck(report), steps(report), exit_of(report)};
  if (report.work) {
    items.push_back(work(report));
  } else {
    items.insert(items.end(),
                 {listener(report), requests(report), idle(report), app(report), left_behind(report)});
  }
  Html all;
  for (const Status status : {Status::failed, Status::inconclusive, Status::passed, Status::skipped}) {
    for (const Item& item : items) {
      all += item.status == status ? draw(item) : Html();
    }
  }
  return draw(Card{.name = "findings", .heading = "What happened", .whose = {}, .content = all});
}

}  // namespace lastcall::report::page
