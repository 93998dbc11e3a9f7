#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "judge/clause.h"
#include "judge/judge.h"
#include "report/figures.h"
#include "report/prose.h"
#include "report/timeline_text.h"
#include "report/verdict_text.h"
#include "report/verdict_words.h"

namespace lastcall::report {
namespace {

using judge::Finding;
using judge::Status;
using judge::Timeline;
using judge::Verdict;

constexpr std::size_t kMinColumns = 80;
constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMinCell = 16;

/// The longer text if it fits.
std::string longest_of(std::string longer, std::string shorter, std::size_t columns) {
  return width(longer) <= columns ? longer : shorter;
}

/// A table whose first column names what stands beside it, once for each verdict.
struct Table {
  std::span<const Verdict> verdicts;
  TextStyle style;
  std::size_t label;
  std::size_t cell;

  /// The text as wide as a column.
  [[nodiscard]] std::string fitted(std::string_view text, Ink ink) const {
    const std::string shown = cut_to(text, cell - 2);
    return paint(shown, ink, style) + std::string(cell - width(shown), ' ');
  }

  /// `tell` makes each verdict's cell, painted and as wide as a column.
  template <typename Tell>
  [[nodiscard]] std::string row(std::string_view name, Tell tell) const {
    std::string line = pad("  " + cut_to(name, label - 4), label);
    for (const Verdict& verdict : verdicts) {
      line += tell(verdict);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }
};

Table table_for(std::span<const Verdict> verdicts, const TextStyle& style) {
  const std::size_t columns = std::clamp(style.columns, kMinColumns, kMaxColumns);
  const std::size_t label = verdicts.size() < 3 ? 30 : 22;
  const std::size_t cell = std::max(kMinCell, (columns - label) / std::max<std::size_t>(verdicts.size(), 2));
  return {.verdicts = verdicts,
          .style = {.columns = columns, .colour = style.colour},
          .label = label,
          .cell = cell};
}

std::string name_of(const Verdict& verdict) {
  return verdict.title.empty() ? command_text(verdict.command) : printable(verdict.title);
}

/// The command of the verdict at `at`; or the later one that it shares it with.
std::string command_at(std::span<const Verdict> verdicts, std::size_t at) {
  for (const Verdict& later : verdicts.subspan(at + 1)) {
    if (later.command == verdicts[at].command && !later.title.empty()) {
      return "the same as " + name_of(later);
    }
  }
  return command_text(verdicts[at].command);
}

std::string head(const Table& table) {
  std::string out = paint("lastcall check --compare", Ink::strong, table.style) + "\n";
  for (std::size_t at = 0; at < table.verdicts.size(); ++at) {
    const Verdict& verdict = table.verdicts[at];
    out +=
        verdict.title.empty() ? "" : "  " + pad(name_of(verdict), 16) + command_at(table.verdicts, at) + "\n";
  }
  out += flow("  ", conditions(table.verdicts.front()), 2, table.style.columns) + "\n";
  return out +
         table.row("", [&](const Verdict& verdict) { return table.fitted(name_of(verdict), Ink::strong); });
}

std::string exits(const Verdict& verdict) {
  std::set<std::string> distinct;
  std::string text;
  for (const judge::TrialSummary& trial : verdict.trials) {
    if (distinct.insert(trial.exit).second) {
      text += (text.empty() ? "" : ", ") + printable(trial.exit);
    }
  }
  return text;
}

std::string longest(const Verdict& verdict) {
  Duration most{};
  std::size_t never = 0;
  for (const judge::TrialSummary& trial : verdict.trials) {
    most = std::max(most, trial.took.value_or(Duration::zero()));
    never += trial.took ? 0U : 1U;
  }
  if (never == verdict.trials.size()) {
    return "did not exit by itself";
  }
  return never == 0 ? span_text(most) + " at most"
                    : fmt::format("{}, or never ({} of {})", span_text(most), never, verdict.trials.size());
}

std::string lost(const Verdict& verdict, std::size_t columns) {
  const Loss all = loss(verdict);
  if (all.attempts == 0) {
    return "nothing was tried";
  }
  const std::string counts = count_text(all.lost) + " of " + count_text(all.attempts);
  return all.lost > 0 ? counts : longest_of(bound_text(0, all.attempts), counts, columns);
}

std::string facts(const Table& table) {
  const auto plain = [&](auto tell) {
    return [&table, tell](const Verdict& verdict) { return table.fitted(tell(verdict), Ink::plain); };
  };
  return table.row("verdict",
                   [&](const Verdict& verdict) {
                     return table.fitted(shout(verdict.status), ink_of(verdict.status));
                   }) +
         table.row("attempts lost",
                   [&](const Verdict& verdict) {
                     return table.fitted(lost(verdict, table.cell - 2),
                                         loss(verdict).lost > 0 ? Ink::bad : Ink::plain);
                   }) +
         table.row("from signal to exit", plain(longest)) + table.row("exit", plain(exits));
}

/// The names of all lanes, or of all marks, in the order of their first appearance.
template <typename Items, typename Name>
std::vector<std::string> names_of(const Table& table, Items Timeline::* items, Name name) {
  std::vector<std::string> names;
  for (const Verdict& verdict : table.verdicts) {
    for (const auto& item : verdict.timeline.*items) {
      if (std::ranges::find(names, item.*name) == names.end()) {
        names.push_back(item.*name);
      }
    }
  }
  return names;
}

std::string mark_row(const Table& table, const std::string& what) {
  return table.row("▾ " + printable(what), [&](const Verdict& verdict) {
    const auto& all = verdict.timeline.marks;
    const auto mark = std::ranges::find(all, what, &Timeline::Mark::what);
    return table.fitted(mark == all.end() ? "" : since_text(mark->at), Ink::plain);
  });
}

std::string lane_row(const Table& table, const Axis& axis, const std::string& name) {
  return table.row(printable(name), [&](const Verdict& verdict) {
    const std::string gap(table.cell - axis.width(), ' ');
    const auto& all = verdict.timeline.lanes;
    const auto lane = std::ranges::find(all, name, &Timeline::Lane::name);
    return (lane == all.end() ? std::string(axis.width(), ' ')
                              : axis.draw(verdict.timeline, *lane, table.style)) +
           gap;
  });
}

/// One scale for all, so that lengths can be compared.
std::string timelines(const Table& table) {
  Duration begin{};
  Duration end{};
  for (const Verdict& verdict : table.verdicts) {
    begin = std::min(begin, verdict.timeline.begin);
    end = std::max(end, end_of(verdict.timeline));
  }
  const Axis axis(begin, end, table.cell - 2);
  std::string out =
      "\n" + table.row("the worst trial", [&](const Verdict&) { return pad(axis.ticks(), table.cell); });
  out += table.row(
      "", [&](const Verdict& verdict) { return pad(axis.pointers(verdict.timeline.marks), table.cell); });
  for (const std::string& name : names_of(table, &Timeline::lanes, &Timeline::Lane::name)) {
    out += lane_row(table, axis, name);
  }
  out += "  " + paint(kLegend, Ink::faint, table.style) + "\n";
  for (const std::string& what : names_of(table, &Timeline::marks, &Timeline::Mark::what)) {
    out += mark_row(table, what);
  }
  return out;
}

const Finding* finding_of(const Verdict& verdict, std::string_view clause) {
  const auto found = std::ranges::find(verdict.findings, clause, &Finding::clause);
  return found == verdict.findings.end() ? nullptr : &*found;
}

Status status_of(const Verdict& verdict, std::string_view clause) {
  const Finding* const finding = finding_of(verdict, clause);
  return finding == nullptr ? Status::skipped : finding->status;
}

std::string passed_text(const Finding& finding, std::size_t columns) {
  if (finding.tried == 0) {
    return "passed";
  }
  const std::string bound = share_text(judge::upper_bound_95(finding.broken, finding.tried));
  return longest_of(
      fmt::format("passed  {} of {} (≤ {})", count_text(finding.broken), count_text(finding.tried), bound),
      "passed  ≤ " + bound, columns);
}

std::string outcome(const Verdict& verdict, std::string_view clause, std::size_t columns) {
  const Finding* const finding = finding_of(verdict, clause);
  if (finding == nullptr) {
    return "";
  }
  if (finding->status == Status::passed) {
    return passed_text(*finding, columns);
  }
  if (finding->status != Status::failed) {
    return std::string(judge::to_string(finding->status));
  }
  return finding->broken == 0
             ? "FAILED"
             : fmt::format("FAILED  {} of {}", count_text(finding->broken), count_text(finding->tried));
}

/// The clauses that were judged anywhere.
std::vector<std::string_view> judged(const Table& table) {
  std::set<std::string_view> ids;
  for (const Verdict& verdict : table.verdicts) {
    for (const Finding& finding : verdict.findings) {
      if (finding.status != Status::skipped) {
        ids.insert(finding.clause);
      }
    }
  }
  return {ids.begin(), ids.end()};
}

std::string findings(const Table& table) {
  std::string out = "\n";
  for (const std::string_view clause : judged(table)) {
    const judge::Clause* const known = judge::find_clause(clause);
    const std::string name(known == nullptr ? "" : known->name);
    out += table.row(std::string(clause) + " " + name, [&](const Verdict& verdict) {
      return table.fitted(outcome(verdict, clause, table.cell - 2), ink_of(status_of(verdict, clause)));
    });
  }
  return out;
}

/// The clauses that fail in the one and not in the other.
std::string only_in(const Table& table, const Verdict& one, const Verdict& other) {
  std::string ids;
  for (const std::string_view clause : judged(table)) {
    if (status_of(one, clause) == Status::failed && status_of(other, clause) != Status::failed) {
      ids.append(ids.empty() ? "" : " ").append(clause);
    }
  }
  return ids;
}

std::string conclusion(const Table& table) {
  const Verdict& first = table.verdicts.front();
  const Verdict& last = table.verdicts.back();
  std::string out;
  const auto add = [&](const std::string& what, const std::string& ids, Ink ink) {
    if (!ids.empty()) {
      out += paint(what, ink, table.style) + "  " + ids + "\n";
    }
  };
  add("failed only in " + name_of(first), only_in(table, first, last), Ink::good);
  add("failed only in " + name_of(last), only_in(table, last, first), Ink::bad);
  return out.empty() ? "" : "\n" + out + "what a clause says: lastcall explain LCID\n";
}

}  // namespace

std::string to_comparison(std::span<const Verdict> verdicts, const TextStyle& style) {
  const Table table = table_for(verdicts, style);
  return head(table) + facts(table) + timelines(table) + findings(table) + conclusion(table);
}

}  // namespace lastcall::report
