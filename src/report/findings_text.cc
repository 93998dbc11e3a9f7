#include "report/findings_text.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "judge/clause.h"
#include "judge/judge.h"
#include "judge/words.h"
#include "report/figures.h"
#include "report/prose.h"
#include "report/verdict_words.h"

namespace lastcall::report {
namespace {

using judge::Finding;
using judge::Status;
using judge::Verdict;

constexpr std::size_t kIndent = 9;
constexpr std::size_t kEvidenceShown = 3;

/// Whatever of these failed may have kept the server from exiting by itself.
constexpr std::string_view kHoldTheExit[] = {"LC101", "LC204", "LC206", "LC207", "LC301"};
constexpr std::string_view kCutsWork[] = {"LC101", "LC202"};
constexpr std::string_view kIgnoresTheSignal[] = {"LC101"};

constexpr std::string_view kStartItHere = "let check start the server itself: lastcall check -- CMD…";

/// What lets a clause be tried that was not.
struct Settling {
  std::string_view clause;
  std::span<const std::string_view> hidden_by;  ///< what to mend first, if it failed
  std::string_view advice;
};

constexpr Settling kSettling[] = {
    {"LC102", kCutsWork, "more trials, some without a repeated signal: --trials 6"},
    {"LC103", kIgnoresTheSignal,
     "both must answer 200 before the signal: --ready-path /readyz --live-path /livez"},
    {"LC105", kHoldTheExit, "give it time to exit by itself: a longer --grace"},
    {"LC202", kIgnoresTheSignal,
     "let --slow-path, --upload-path and --download-path name what takes half a second or more"},
    {"LC206", kIgnoresTheSignal, "let the connections of --ws-path stay open until the server ends them"},
    {"LC207", kIgnoresTheSignal, "let the streams of --sse-path stay open until the server ends them"},
    {"LC301", kHoldTheExit, "try it with the platform's own --grace"},
    {"LC401", kHoldTheExit, kStartItHere},
    {"LC501", kHoldTheExit, kStartItHere},
};

constexpr Settling kMoreOfIt = {"", kIgnoresTheSignal,
                                "more traffic and more trials: --rate 500 --trials 10"};

bool is_failed(const Verdict& verdict, std::string_view clause) {
  return std::ranges::any_of(with_status(verdict, Status::failed),
                             [clause](const Finding* finding) { return finding->clause == clause; });
}

std::string trials_text(const Finding& finding, std::size_t of) {
  if (of < 2 || finding.trials.empty()) {
    return "";
  }
  return finding.trials.size() == of ? "in every trial"
                                     : fmt::format("in {} of {} trials", finding.trials.size(), of);
}

/// `after` stands behind the title, or below it if there is no room.
std::string title_line(const Finding& finding, const std::string& after, const TextStyle& style) {
  const judge::Clause* const clause = judge::find_clause(finding.clause);
  const std::string title = cut_to(clause == nullptr ? "" : clause->title, style.columns - kIndent);
  const bool fits = kIndent + width(title) + 3 + width(after) <= style.columns;
  const std::string gap = fits ? "   " : "\n" + std::string(kIndent, ' ');
  return "  " + paint(pad(finding.clause, kIndent - 2), ink_of(finding.status), style) +
         paint(title, Ink::strong, style) + (after.empty() ? "" : gap + after) + "\n";
}

std::string evidence(const Finding& finding, std::size_t columns) {
  std::string out;
  const std::size_t shown = std::min(finding.evidence.size(), kEvidenceShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const judge::Evidence& item = finding.evidence[i];
    const std::string when =
        fmt::format("{:>{}} {:>9}  trial {}  ", "", kIndent, since_text(item.at), item.trial);
    out += wrap_after(when, printable(item.what), width(when), columns);
  }
  return out;
}

std::string heading(std::string_view text, Ink ink, const TextStyle& style) {
  return "\n" + paint(text, ink, style) + "\n";
}

std::string failed_text(const Verdict& verdict, const TextStyle& style) {
  std::string out;
  for (const Finding* finding : with_status(verdict, Status::failed)) {
    const judge::Clause* const clause = judge::find_clause(finding->clause);
    out += title_line(*finding, trials_text(*finding, verdict.trials.size()), style) +
           wrap(printable(finding->summary), kIndent, style.columns) + evidence(*finding, style.columns);
    out += clause == nullptr ? "" : wrap("users: " + std::string(clause->suffer), kIndent, style.columns);
  }
  return out.empty() ? out : heading("Failed", Ink::bad, style) + out;
}

/// Clauses that nothing is known of for the same reason stand together, if the same would settle them.
std::string inconclusive_text(const Verdict& verdict, const TextStyle& style) {
  std::string out;
  const auto findings = with_status(verdict, Status::inconclusive);
  for (auto at = findings.begin(); at != findings.end();) {
    const std::string advice = how_to_settle(verdict, **at);
    const auto same = std::find_if(at, findings.end(), [&](const Finding* other) {
      return other->summary != (*at)->summary || how_to_settle(verdict, *other) != advice;
    });
    std::for_each(at, same, [&](const Finding* finding) { out += title_line(*finding, "", style); });
    out += wrap(printable((*at)->summary), kIndent, style.columns) +
           wrap("to settle it: " + advice, kIndent, style.columns);
    at = same;
  }
  return out.empty() ? out : heading("Inconclusive", Ink::warning, style) + out;
}

std::string passed_text(const Verdict& verdict, const TextStyle& style) {
  std::vector<std::string> items;
  bool counted = false;
  for (const Finding* finding : with_status(verdict, Status::passed)) {
    std::string item(finding->clause);
    if (finding->tried > 0) {
      item += " " + bound_text(finding->broken, finding->tried);
      counted = true;
    }
    items.push_back(item);
  }
  if (items.empty()) {
    return "";
  }
  return "\n" + paint("Passed", Ink::good, style) + (counted ? "   \"at most\" is at 95 %\n" : "\n") +
         flow("  ", items, 2, style.columns);
}

/// Clauses that were skipped for the same reason stand together.
std::string skipped_text(const Verdict& verdict, const TextStyle& style) {
  std::vector<std::pair<std::string_view, std::string>> reasons;
  for (const Finding* finding : with_status(verdict, Status::skipped)) {
    const auto known =
        std::ranges::find(reasons, finding->summary, [](const auto& row) { return row.first; });
    if (known == reasons.end()) {
      reasons.emplace_back(finding->summary, finding->clause);
    } else {
      known->second.append(" ").append(finding->clause);
    }
  }
  std::string out = reasons.empty() ? "" : heading("Skipped", Ink::faint, style);
  for (const auto& [why, clauses] : reasons) {
    out += wrap_after("  " + clauses, printable(why), kIndent, style.columns);
  }
  return out;
}

std::string ids(const std::vector<const Finding*>& findings) {
  std::string text;
  for (const Finding* finding : findings) {
    text.append(text.empty() ? "" : " ").append(finding->clause);
  }
  return text;
}

bool is_url(const Verdict& verdict) {
  return verdict.command.size() == 1 && verdict.command.front().find("://") != std::string::npos;
}

bool is_wrapped(const Verdict& verdict) {
  return verdict.command.size() > 1 && verdict.command[0].ends_with("lastcall") &&
         verdict.command[1] == "run";
}

std::string mending(const Verdict& verdict, std::size_t columns) {
  const auto step = [columns](std::string_view what, std::string_view command) {
    return wrap(what, 2, columns) + fmt::format("    {}\n", command);
  };
  std::vector<const Finding*> by_run;
  std::vector<const Finding*> in_app;
  for (const Finding* finding : with_status(verdict, Status::failed)) {
    (run_mends(finding->clause) ? by_run : in_app).push_back(finding);
  }
  const std::string command = is_url(verdict) ? "CMD…" : command_text(verdict.command);
  std::string out;
  if (!by_run.empty() && !is_wrapped(verdict)) {
    out += step("without a change to the app: " + ids(by_run), "lastcall run -- " + command);
    out += step("the same app bare and wrapped, side by side", "lastcall check --compare -- " + command);
  }
  if (!in_app.empty()) {
    out += step("in the app: " + ids(in_app), "lastcall explain " + std::string(in_app.front()->clause));
  }
  if (!by_run.empty()) {
    out += step("why it is so, and what else mends it",
                "lastcall explain " + std::string(by_run.front()->clause));
  }
  return out;
}

std::string told_lag(const Verdict& verdict) {
  std::uint32_t spoiled = 0;
  for (const judge::TrialSummary& trial : verdict.trials) {
    spoiled += trial.spoiled;
  }
  const std::string again = spoiled > 0 ? fmt::format("; {} thrown away and run again, because it was later",
                                                      judge::counted(spoiled, "trial"))
                                        : "";
  return fmt::format("measured with a client that was {:.1f} ms late at most, {:.1f} ms in 99 %{}",
                     to_milliseconds(verdict.lag.max), to_milliseconds(verdict.lag.p99), again);
}

}  // namespace

std::string how_to_settle(const Verdict& verdict, const Finding& finding) {
  if (finding.summary.starts_with(judge::kClientTooSlow)) {
    return "a lower --rate, or a machine with less to do";
  }
  if (finding.summary.starts_with(judge::kLostBefore)) {
    return "mend what goes wrong without a shutdown first, or name another path";
  }
  if (finding.summary.ends_with(judge::kNotOurChild)) {
    return std::string(kStartItHere);
  }
  const auto* const found = std::ranges::find(kSettling, finding.clause, &Settling::clause);
  const Settling& settling = found == std::end(kSettling) ? kMoreOfIt : *found;
  for (const std::string_view first : settling.hidden_by) {
    if (is_failed(verdict, first)) {
      return "mend " + std::string(first) + " first";
    }
  }
  return std::string(settling.advice);
}

std::string findings_text(const Verdict& verdict, const TextStyle& style) {
  return failed_text(verdict, style) + inconclusive_text(verdict, style) + passed_text(verdict, style) +
         skipped_text(verdict, style);
}

std::string next_steps(const Verdict& verdict, const TextStyle& style) {
  const std::string steps = mending(verdict, style.columns);
  return (steps.empty() ? "" : heading("What to do", Ink::strong, style) + steps) + "\n" +
         paint(told_lag(verdict), Ink::faint, style) + "\n";
}

}  // namespace lastcall::report
