#include "report/page_drain.h"

#include <fmt/format.h>

#include "base/signal_name.h"
#include "base/units.h"
#include "report/page.h"
#include "report/page_words.h"

namespace lastcall::report {
namespace page {

namespace {

using drain::DrainReport;
using judge::Status;

Html causes(const DrainReport& report) {
  std::string further;
  for (const std::string& cause : report.further_causes) {
    further += (further.empty() ? "then " : ", ") + cause;
  }
  return further.empty() ? Html() : element("p", {}, further);
}

std::vector<Fact> counts(const DrainReport& report) {
  if (report.work) {
    const drain::ScopeReport total = report.work->total();
    return {{"finished", grouped(total.finished)},
            {"cut", grouped(total.cut)},
            {"refused", grouped(total.refused)}};
  }
  return {{"finished", grouped(report.traffic.finished)},
          {"cut", grouped(report.traffic.cut)},
          {"refused", grouped(report.traffic.refused)},
          {"failed", grouped(report.traffic.failed)}};
}

Html headline(const DrainReport& report) {
  std::vector<Fact> facts = counts(report);
  facts.insert(facts.end(), {{"exit status", fmt::format("{}", report.exit_status)},
                             {"grace", print_duration(report.grace)},
                             {"drain deadline", since_signal(report.drain_deadline)},
                             {"kill deadline", since_signal(report.deadline)}});
  return draw(Headline{.status = report.clean() ? Status::passed : Status::failed,
                       .word = report.clean() ? "Clean" : "Unclean",
                       .kicker = {},
                       .text = fmt::format("Shutdown in {} after {}", how_long(report.took), report.cause),
                       .below = causes(report) + fact_list(facts)});
}

Table counts(std::string caption, const std::vector<std::pair<std::string, std::uint64_t>>& lines) {
  Table table{.caption = std::move(caption), .columns = {{"what"}, {"count", true}}, .rows = {}};
  for (const auto& [what, count] : lines) {
    table.rows.push_back({what, grouped(count)});
  }
  return table;
}

Html in_flight(const drain::InFlight& at_signal) {
  return draw(counts("In flight at the signal", {{"requests", at_signal.requests},
                                                 {"of these uploads", at_signal.uploads},
                                                 {"of these downloads", at_signal.downloads},
                                                 {"tunnels", at_signal.tunnels},
                                                 {"of these WebSockets", at_signal.websockets},
                                                 {"idle connections", at_signal.idle},
                                                 {"silent connections", at_signal.silent},
                                                 {"half-sent heads", at_signal.heads}}));
}

Html traffic(const drain::TrafficReport& traffic) {
  return draw(counts("From the signal on",
                     {{"requests that finished", traffic.finished},
                      {"cut", traffic.cut},
                      {"refused with 503", traffic.refused},
                      {"failed in the app", traffic.failed},
                      {"left by the client", traffic.client_gone},
                      {"WebSockets closed", traffic.websockets.closed},
                      {"closed without their client's answer", traffic.websockets.client_silent},
                      {"closed without the app's answer", traffic.websockets.app_silent},
                      {"event streams ended", traffic.event_streams_ended},
                      {"connections accepted", traffic.accepted},
                      {"idle connections closed", traffic.idle_closed},
                      {"requests after that close", traffic.lost_race}}));
}

Html work(const drain::WorkReport& work) {
  Table table{
      .caption = "Work",
      .columns = {{"scope"}, {"at the signal", true}, {"finished", true}, {"refused", true}, {"cut", true}},
      .rows = {}};
  for (const drain::ScopeReport& scope : work.scopes) {
    table.rows.push_back({scope.name, grouped(scope.at_signal), grouped(scope.finished),
                          grouped(scope.refused), grouped(scope.cut)});
  }
  return draw(table);
}

Html conditions(const DrainDocument& document) {
  std::string omitted;
  for (const std::string& what : document.omitted) {
    omitted += (omitted.empty() ? "" : ", ") + what;
  }
  std::vector<Fact> facts = {{"schema", "lastcall.drain-report/1"},
                             {"version", "lastcall " + document.version}};
  if (!omitted.empty()) {
    facts.push_back({"left out of the document", omitted});
  }
  return draw(
      Card{.name = "conditions", .heading = "The document", .whose = {}, .content = fact_list(facts)});
}

}  // namespace

std::string end_of(const drain::AppReport& app) {
  if (app.signal) {
    return app.killed ? "killed with SIGKILL" : "ended by " + signal_name(*app.signal);
  }
  return app.exit_status ? fmt::format("exited with status {}", *app.exit_status) : "";
}

Document drain_page(const DrainDocument& document) {
  const DrainReport& report = document.report;
  const std::string tool = report.work ? "liblastcall" : "lastcall run";
  const Html numbers =
      report.work ? work(*report.work) : in_flight(report.traffic.at_signal) + traffic(report.traffic);
  return {.title = fmt::format("{} shutdown after {} · {}", report.clean() ? "Clean" : "Unclean",
                               report.cause, tool),
          .layout = "report",
          .tool = tool + " " + document.version,
          .content = headline(report) + draw_drain_timeline(report) + draw_drain_findings(report) +
                     draw(Card{.name = "tables", .heading = "Numbers", .whose = {}, .content = numbers}) +
                     conditions(document)};
}

}  // namespace page

Result<std::string> drain_report_page(std::string_view json) {
  const auto document = parse_drain_document(json);
  if (!document) {
    return Failure(document.error());
  }
  return page::draw(page::drain_page(*document));
}

}  // namespace lastcall::report
