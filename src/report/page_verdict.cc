#include "report/page_verdict.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "judge/clause.h"
#include "judge/judge.h"
#include "report/figures.h"
#include "report/page_findings.h"
#include "report/page_lanes.h"
#include "report/page_parts.h"
#include "report/page_words.h"
#include "report/verdict_words.h"

namespace lastcall::report::page {

namespace {

using judge::Outcome;
using judge::Status;
using judge::Verdict;

constexpr std::size_t kMaxSuffered = 3;

std::uint64_t count(const Verdict& verdict, Status status) {
  return static_cast<std::uint64_t>(std::ranges::count(verdict.findings, status, &judge::Finding::status));
}

std::string headline_text(const Verdict& verdict) {
  const std::uint64_t judged = verdict.findings.size() - count(verdict, Status::skipped);
  switch (verdict.status) {
    case Status::failed:
      return fmt::format("{} of {} {} broken", count(verdict, Status::failed),
                         counted(judged, "clause", "clauses"),
                         count(verdict, Status::failed) == 1 ? "is" : "are");
    case Status::inconclusive:
      return fmt::format("Nothing broke, but {} not really tried",
                         counted(count(verdict, Status::inconclusive), "clause was", "clauses were"));
    case Status::passed:
      return judged == 1 ? "The one clause that was judged holds"
                         : fmt::format("All {} clauses hold", judged);
    case Status::skipped:
      break;
  }
  return "Nothing was judged";
}

/// What users suffer from what is broken.
Html suffered(const Verdict& verdict) {
  Html list;
  std::size_t told = 0;
  for (const judge::Finding& finding : verdict.findings) {
    const judge::Clause* const clause = judge::find_clause(finding.clause);
    if (finding.status == Status::failed && clause != nullptr && told < kMaxSuffered) {
      list += element("li", {}, clause->suffer);
      ++told;
    }
  }
  return list.empty()
             ? Html()
             : element("div", {{"class", "suffered"}},
                       element("p", {}, "What users see on every such stop:") + element("ul", {}, list));
}

/// One that did not end by itself is longer than any that did.
std::string longest_stop(const Verdict& verdict) {
  Duration longest = 0s;
  for (const judge::TrialSummary& trial : verdict.trials) {
    if (!trial.took) {
      return trial.exit;
    }
    longest = std::max(longest, *trial.took);
  }
  return how_long(longest);
}

std::vector<Fact> facts(const Verdict& verdict) {
  const Loss sum = loss(verdict);
  std::vector<Fact> all;
  if (sum.attempts > 0) {
    all.push_back({"lost", fmt::format("{} of {}", grouped(sum.lost), grouped(sum.attempts))});
    all.push_back({"loss rate, at 95\u00a0%",
                   "at most " + unbroken(share_text(judge::upper_bound_95(sum.lost, sum.attempts)))});
  }
  all.push_back({"trials", grouped(verdict.trials.size())});
  all.push_back({"longest stop", longest_stop(verdict)});
  all.push_back({"grace", print_duration(verdict.profile.grace)});
  all.push_back({"profile", verdict.profile.name});
  return all;
}

Mood mood_of(const judge::Timeline::Lane& lane) {
  const auto lost = [](const judge::Timeline::Bin& bin) { return bin.bad > 0; };
  return std::ranges::any_of(lane.bins, lost) ? Mood::bad : Mood::plain;
}

Html trial_table(const Verdict& verdict) {
  Table table{
      .caption = "Trials",
      .columns = {{"trial"}, {"verdict"}, {"ended"}, {"took", true}, {"attempts", true}, {"lost", true}},
      .rows = {}};
  for (const judge::TrialSummary& trial : verdict.trials) {
    table.rows.push_back({fmt::format("{}", trial.number), badge(trial.status), trial.exit,
                          trial.took ? how_long(*trial.took) : "–", grouped(trial.attempts),
                          grouped(trial.lost)});
  }
  return draw(table);
}

struct OutcomeColumn {
  Outcome outcome;
  const char* title;
};

constexpr OutcomeColumn kOutcomeColumns[] = {
    {Outcome::ok, "ok"},           {Outcome::refused, "refused"},     {Outcome::reset, "reset"},
    {Outcome::eof, "closed"},      {Outcome::truncated, "truncated"}, {Outcome::server_error, "5xx"},
    {Outcome::timeout, "timeout"}, {Outcome::wrong, "wrong"},         {Outcome::unsent, "not sent"}};

/// Columns in which every flow has nothing are left out, but for "ok".
Html flow_table(const Verdict& verdict) {
  Table table{.caption = "Every kind of client, from the signal on",
              .columns = {{"flow"}, {"in flight at the signal", true}},
              .rows = {}};
  std::vector<Outcome> shown;
  for (const OutcomeColumn& column : kOutcomeColumns) {
    const auto seen = [&](const judge::FlowCount& flow) { return flow.seen[column.outcome] > 0; };
    if (column.outcome == Outcome::ok || std::ranges::any_of(verdict.flows, seen)) {
      shown.push_back(column.outcome);
      table.columns.push_back({column.title, true});
    }
  }
  for (const judge::FlowCount& flow : verdict.flows) {
    std::vector<Html>& row = table.rows.emplace_back(std::vector<Html>{flow.name, grouped(flow.in_flight)});
    for (const Outcome outcome : shown) {
      row.emplace_back(flow.seen[outcome] == 0 ? "·" : grouped(flow.seen[outcome]));
    }
  }
  return draw(table);
}

}  // namespace

std::string name_of(const Verdict& verdict) {
  return verdict.title.empty() ? command_text(verdict.command) : verdict.title;
}

Html draw_headline(const Verdict& verdict, int level) {
  return draw(Headline{
      .status = verdict.status,
      .word = {},
      .kicker = verdict.title,
      .text = headline_text(verdict),
      .below = command(command_text(verdict.command)) + suffered(verdict) + fact_list(facts(verdict)),
      .level = level});
}

Html draw_timeline(const Verdict& verdict, const Frame& frame) {
  Chart chart{.frame = frame,
              .bins_begin = verdict.timeline.begin,
              .bin = verdict.timeline.bin,
              .marks = verdict.timeline.marks,
              .lanes = {}};
  for (const judge::Timeline::Lane& lane : verdict.timeline.lanes) {
    chart.lanes.push_back({.name = lane.name,
                           .result = lane.result,
                           .mood = mood_of(lane),
                           .drawing = draw_bins(verdict.timeline, lane, frame),
                           .bins = readout_of(lane)});
  }
  if (chart.lanes.empty()) {
    return {};
  }
  const std::string heading =
      verdict.trials.size() > 1 ? fmt::format("Timeline of trial {}", verdict.timeline_trial) : "Timeline";
  const Html readout = element("p", {{"class", "readout"}, {"aria-live", "polite"}},
                               "0 is the signal. Each lane has a scale of its own.");
  return draw(Card{.name = "timeline",
                   .heading = heading,
                   .whose = verdict.title,
                   .content = element("ul", {{"class", "legend"}}, legend()) + draw(chart) + readout,
                   .height = height_of(chart) + 150});
}

Html draw_tables(const Verdict& verdict) {
  return draw(Card{.name = "tables",
                   .heading = "Numbers",
                   .whose = verdict.title,
                   .content = trial_table(verdict) + flow_table(verdict)});
}

Html draw_conditions(const Verdict& verdict) {
  const judge::Profile& profile = verdict.profile;
  const Html facts =
      fact_list({{"seed", fmt::format("{}", verdict.seed)},
                 {"profile", fmt::format("{}, grace {}, routed for {}", profile.name,
                                         print_duration(profile.grace), print_duration(profile.routed))},
                 {"the client’s own delay",
                  fmt::format("p99 {}, at most {}", how_long(verdict.lag.p99), how_long(verdict.lag.max))},
                 {"version", "lastcall " LASTCALL_VERSION}});
  return draw(Card{.name = "conditions", .heading = "Conditions", .whose = verdict.title, .content = facts});
}

}  // namespace lastcall::report::page
