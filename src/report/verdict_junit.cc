#include "report/verdict_junit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/time.h"
#include "judge/clause.h"
#include "judge/judge.h"
#include "report/xml_text.h"

namespace lastcall::report {

namespace {

using judge::Finding;
using judge::Status;
using judge::Verdict;

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  double seconds = 0;
};

Counts counts_of(const Verdict& verdict) {
  const auto with = [&](Status status) {
    return static_cast<std::size_t>(std::ranges::count(verdict.findings, status, &Finding::status));
  };
  Counts counts{.tests = verdict.findings.size(),
                .failures = with(Status::failed),
                .errors = with(Status::inconclusive),
                .skipped = with(Status::skipped)};
  for (const judge::TrialSummary& trial : verdict.trials) {
    counts.seconds += to_seconds(trial.took.value_or(verdict.profile.grace));
  }
  return counts;
}

std::string attributes(const Counts& counts) {
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", counts.tests,
                     counts.failures, counts.errors, counts.skipped, counts.seconds);
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::string suite_name(const Verdict& verdict) {
  return verdict.title.empty() ? "lastcall.check" : "lastcall.check." + verdict.title;
}

std::string case_name(const Finding& finding) {
  const judge::Clause* const clause = judge::find_clause(finding.clause);
  return fmt::format("{} {}", finding.clause, clause == nullptr ? "" : clause->title);
}

/// Everything that is known beside the summary, a line each.
std::string details(const Finding& finding) {
  std::string text;
  if (finding.tried > 0) {
    text += fmt::format("broken: {} of {}, at most {:.3g} % at 95 %\n", finding.broken, finding.tried,
                        100 * judge::upper_bound_95(finding.broken, finding.tried));
  }
  for (const judge::Evidence& one : finding.evidence) {
    text += fmt::format("trial {}, {:+.3f} s: {}\n", one.trial, to_seconds(one.at), one.what);
  }
  if (finding.status == Status::failed) {
    text += fmt::format("why, and how to mend it: lastcall explain {}\n", finding.clause);
  }
  return text;
}

std::string outcome(const Finding& finding) {
  const std::string summary = xml_text(finding.summary);
  const std::string more = xml_text(details(finding));
  switch (finding.status) {
    case Status::failed:
      return fmt::format(R"(<failure type="failed" message="{}">{}</failure>)", summary, more);
    case Status::inconclusive:
      return fmt::format(R"(<error type="inconclusive" message="inconclusive: {}">{}</error>)", summary,
                         more);
    case Status::skipped:
      return fmt::format(R"(<skipped message="{}"/>)", summary);
    case Status::passed:
      break;
  }
  return fmt::format("<system-out>{}\n{}</system-out>", summary, more);
}

std::string test_case(const Finding& finding, const std::string& suite) {
  return fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\">\n      {}\n    </testcase>\n",
                     suite, xml_text(case_name(finding)), outcome(finding));
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
}

std::string properties(const Verdict& verdict) {
  return "    <properties>\n" + property("lastcall", LASTCALL_VERSION) +
         property("status", to_string(verdict.status)) + property("command", joined(verdict.command)) +
         property("profile", verdict.profile.name) + property("seed", std::to_string(verdict.seed)) +
         property("trials", std::to_string(verdict.trials.size())) + "    </properties>\n";
}

std::string suite(const Verdict& verdict) {
  const std::string name = xml_text(suite_name(verdict));
  std::string text = fmt::format("  <testsuite name=\"{}\" {}>\n", name, attributes(counts_of(verdict))) +
                     properties(verdict);
  for (const Finding& finding : verdict.findings) {
    text += test_case(finding, name);
  }
  return text + "  </testsuite>\n";
}

}  // namespace

std::string to_junit(std::span<const Verdict> verdicts) {
  LASTCALL_ASSERT(!verdicts.empty());
  const Verdict& verdict = verdicts.back();
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lastcall check\" "
      "{}>\n{}</testsuites>\n",
      attributes(counts_of(verdict)), suite(verdict));
}

}  // namespace lastcall::report
