#include "report/verdict_text.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "judge/judge.h"
#include "report/figures.h"
#include "report/findings_text.h"
#include "report/prose.h"
#include "report/timeline_text.h"
#include "report/verdict_words.h"

namespace lastcall::report {
namespace {

using judge::Status;
using judge::Verdict;

constexpr std::size_t kMinColumns = 72;
constexpr std::size_t kMaxColumns = 120;
constexpr std::size_t kMaxName = 18;
constexpr std::size_t kTrialsShown = 10;

std::string head(const Verdict& verdict, const TextStyle& style) {
  const std::string title = "lastcall check" + (verdict.title.empty() ? "" : ", " + printable(verdict.title));
  return paint(title, Ink::strong, style) + "\n  " + command_text(verdict.command) + "\n" +
         flow("  ", conditions(verdict), 2, style.columns);
}

std::string in_flight(const Verdict& verdict, std::size_t columns) {
  std::vector<std::string> items;
  std::ranges::transform(verdict.flows, std::back_inserter(items), [](const judge::FlowCount& flow) {
    return count_text(flow.in_flight) + " " + printable(flow.name);
  });
  return items.empty() ? "" : "\n" + flow("  in flight at the signals", items, 28, columns);
}

std::string timeline(const Verdict& verdict, const TextStyle& style) {
  const judge::Timeline& drawn = verdict.timeline;
  if (drawn.lanes.empty()) {
    return "";
  }
  std::size_t names = 0;
  std::size_t results = 0;
  for (const judge::Timeline::Lane& lane : drawn.lanes) {
    names = std::max(names, width(printable(lane.name)));
    results = std::max(results, width(printable(lane.result)));
  }
  names = std::min(names, kMaxName);
  results = std::min(results, style.columns * 3 / 8);
  const Axis axis(drawn.begin, end_of(drawn), style.columns - names - results - 6);
  const std::string margin(names + 4, ' ');
  std::string out = "\n" + pad(fmt::format("  trial {}", verdict.timeline_trial), names + 4) + axis.ticks() +
                    "\n" + margin + axis.pointers(drawn.marks) + "\n";
  for (const judge::Timeline::Lane& lane : drawn.lanes) {
    out += "  " + pad(cut_to(printable(lane.name), names), names + 2) + axis.draw(drawn, lane, style) + "  " +
           cut_to(printable(lane.result), results) + "\n";
  }
  return out + flow("  ▾", mark_texts(drawn.marks), 4, style.columns) + "  " +
         paint(kLegend, Ink::faint, style) + "\n";
}

std::string trial_line(const judge::TrialSummary& trial, const TextStyle& style) {
  const std::string took = trial.took ? " after " + span_text(*trial.took) : "";
  return fmt::format("  trial {:<4}", trial.number) +
         paint(pad(judge::to_string(trial.status), 14), ink_of(trial.status), style) +
         fmt::format("{} of {} lost   {}{}\n", count_text(trial.lost), count_text(trial.attempts),
                     printable(trial.exit), took);
}

/// The worst ones if not all can be shown.
std::string trials(const Verdict& verdict, const TextStyle& style) {
  std::vector<const judge::TrialSummary*> shown;
  std::ranges::transform(verdict.trials, std::back_inserter(shown),
                         [](const judge::TrialSummary& trial) { return &trial; });
  if (shown.size() > kTrialsShown) {
    const auto worse = [](const auto* a, const auto* b) {
      return a->status != b->status ? a->status > b->status : a->number < b->number;
    };
    std::ranges::sort(shown, worse);
    shown.resize(kTrialsShown);
    std::ranges::sort(shown, {}, &judge::TrialSummary::number);
  }
  std::string out;
  for (const judge::TrialSummary* trial : shown) {
    out += trial_line(*trial, style);
  }
  if (shown.size() < verdict.trials.size()) {
    out += fmt::format("  and {} more, none of them worse\n", verdict.trials.size() - shown.size());
  }
  return out;
}

std::string clauses_text(const Verdict& verdict) {
  const std::size_t failed = with_status(verdict, Status::failed).size();
  const std::size_t open = with_status(verdict, Status::inconclusive).size();
  const std::size_t judged = failed + open + with_status(verdict, Status::passed).size();
  if (verdict.status == Status::failed) {
    return fmt::format("{} of {} clauses", failed, judged) +
           (open > 0 ? fmt::format(", {} inconclusive", open) : "");
  }
  return open > 0 ? fmt::format("{} of {} clauses could not be judged: this is no pass", open, judged)
                  : fmt::format("{} clauses", judged);
}

std::string loss_text(const Loss& all) {
  if (all.attempts == 0) {
    return "";
  }
  return fmt::format("   {} of {} attempts lost", count_text(all.lost), count_text(all.attempts)) +
         (all.lost == 0 ? ": at most " + share_text(judge::upper_bound_95(0, all.attempts)) : "");
}

std::string verdict_line(const Verdict& verdict, const TextStyle& style) {
  return "\n" + paint(shout(verdict.status), ink_of(verdict.status), style) + "   " + clauses_text(verdict) +
         loss_text(loss(verdict)) + "\n";
}

}  // namespace

std::string to_text(const Verdict& verdict, const TextStyle& style) {
  const TextStyle fitted{.columns = std::clamp(style.columns, kMinColumns, kMaxColumns),
                         .colour = style.colour};
  return head(verdict, fitted) + in_flight(verdict, fitted.columns) + timeline(verdict, fitted) +
         verdict_line(verdict, fitted) + trials(verdict, fitted) + findings_text(verdict, fitted) +
         next_steps(verdict, fitted);
}

}  // namespace lastcall::report
