#include "report/verdict_words.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "report/prose.h"

namespace lastcall::report {
namespace {

constexpr std::string_view kGap = "   ";

/// Three asterisks stand for a secret, and may stand as they are.
bool needs_quotes(std::string_view word) {
  if (word.ends_with("***")) {
    word.remove_suffix(3);
    return needs_quotes(word.empty() ? "-" : word);
  }
  return word.empty() || word.find_first_of(" \t\n\"'`$&|;<>()*?#~\\!") != std::string_view::npos;
}

std::string quoted(std::string_view word) {
  std::string out = "'";
  for (const char c : word) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

}  // namespace

std::string command_text(std::span<const std::string> command) {
  std::string text;
  for (const std::string& word : command) {
    text += (text.empty() ? "" : " ") + printable(needs_quotes(word) ? quoted(word) : word);
  }
  return text;
}

std::vector<std::string> conditions(const judge::Verdict& verdict) {
  const std::size_t trials = verdict.trials.size();
  return {"profile " + printable(verdict.profile.name), "grace " + print_duration(verdict.profile.grace),
          fmt::format("{} {}", trials, trials == 1 ? "trial" : "trials"),
          fmt::format("seed {}", verdict.seed)};
}

Loss loss(const judge::Verdict& verdict) {
  Loss sum;
  for (const judge::TrialSummary& trial : verdict.trials) {
    sum.lost += trial.lost;
    sum.attempts += trial.attempts;
  }
  return sum;
}

bool run_mends(std::string_view clause) {
  const judge::Clause* const found = judge::find_clause(clause);
  return found != nullptr &&
         std::ranges::find(found->fixes, "lastcall run", &judge::Fix::where) != found->fixes.end();
}

std::vector<const judge::Finding*> with_status(const judge::Verdict& verdict, judge::Status status) {
  std::vector<const judge::Finding*> found;
  for (const judge::Finding& finding : verdict.findings) {
    if (finding.status == status) {
      found.push_back(&finding);
    }
  }
  return found;
}

std::string flow(std::string_view label, std::span<const std::string> items, std::size_t indent,
                 std::size_t columns) {
  std::string out;
  std::string line = pad(label, indent);
  bool first = true;
  for (const std::string& item : items) {
    if (!first && width(line) + kGap.size() + width(item) > columns) {
      out += line + "\n";
      line.assign(indent, ' ');
      first = true;
    }
    line.append(first ? "" : kGap).append(item);
    first = false;
  }
  return out + line + "\n";
}

}  // namespace lastcall::report
