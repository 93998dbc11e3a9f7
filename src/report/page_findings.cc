#include "report/page_findings.h"

#include <algorithm>

#include <fmt/format.h>

#include "judge/clause.h"
#include "report/figures.h"
#include "report/findings_text.h"
#include "report/page_parts.h"
#include "report/page_words.h"
#include "report/verdict_words.h"

namespace lastcall::report::page {

namespace {

using judge::Clause;
using judge::Finding;
using judge::Status;

Html labelled(std::string_view style, std::string_view label, std::string_view text) {
  return element("p", {{"class", std::string(style)}}, element("strong", {}, label) + " " + text);
}

bool is_code(std::string_view text) {
  return text.starts_with("  ");
}

/// The first line, which is taken off the text.
std::string take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// The clauses' texts: lines that begin with two spaces are code and stand as they are; the others flow
/// together.
Html prose(std::string_view text) {
  Html all;
  while (!text.empty()) {
    const bool code = is_code(text);
    std::string block;
    do {
      block += (block.empty() ? "" : code ? "\n" : " ") + take_line(text);
    } while (!text.empty() && is_code(text) == code);
    all += code ? element("pre", {{"class", "code"}}, block) : element("p", {}, block);
  }
  return element("div", {{"class", "prose"}}, all);
}

Html draw_fixes(const Clause& clause) {
  Html all;
  for (const judge::Fix& fix : clause.fixes) {
    all += element("details", {}, element("summary", {}, fix.where) + prose(fix.how));
  }
  return all.empty() ? Html()
                     : element("div", {{"class", "fixes"}}, element("h4", {}, "How to fix it") + all);
}

Html draw_promise(const Clause& clause) {
  return element("details", {{"class", "promise"}},
                 element("summary", {}, fmt::format("What {} promises", clause.id)) + prose(clause.what) +
                     prose(clause.why));
}

Html draw_evidence(const Finding& finding) {
  Html list;
  for (const judge::Evidence& evidence : finding.evidence) {
    const std::string where = fmt::format("trial {}, {}", evidence.trial, since_signal(evidence.at));
    list += element("li", {}, element("span", {{"class", "when"}}, where) + " " + evidence.what);
  }
  return list.empty() ? Html()
                      : element("div", {{"class", "evidence"}},
                                element("h4", {}, "Evidence") + element("ul", {}, list));
}

/// How sure it is that nothing breaks; where something broke, the summary has the numbers.
Html draw_bound(const Finding& finding) {
  return finding.tried == 0 || finding.broken > 0
             ? Html()
             : element("p", {{"class", "bound"}},
                       bound_text(finding.broken, finding.tried) + " at 95\u00a0% confidence");
}

Html heading(const Finding& finding) {
  return element("h3", {},
                 sign(finding.status) + element("span", {{"class", "id"}}, finding.clause) + " " +
                     title_of(finding.clause));
}

Html draw_failed(const Finding& finding) {
  Html content = heading(finding) + element("p", {{"class", "summary"}}, finding.summary);
  const Clause* const clause = judge::find_clause(finding.clause);
  if (clause != nullptr) {
    content += labelled("suffer", "What users see:", clause->suffer);
  }
  content += draw_evidence(finding);
  if (clause != nullptr) {
    content += draw_fixes(*clause) + draw_promise(*clause);
  }
  return element("article", {{"class", "finding " + style(finding.status)}}, content);
}

/// Clauses that nothing is known of for the same reason stand together, if the same would settle them.
Html draw_inconclusive(const judge::Verdict& verdict) {
  Html all;
  const auto findings = with_status(verdict, Status::inconclusive);
  for (auto at = findings.begin(); at != findings.end();) {
    const Finding& first = **at;
    const std::string advice = how_to_settle(verdict, first);
    Html content;
    for (; at != findings.end() && (*at)->summary == first.summary && how_to_settle(verdict, **at) == advice;
         ++at) {
      content += heading(**at) + draw_evidence(**at);
    }
    content +=
        element("p", {{"class", "summary"}}, first.summary) + labelled("settle", "To settle it:", advice);
    all += element("article", {{"class", "finding " + style(first.status)}}, content);
  }
  return all;
}

/// What holds, or does not apply.
Html draw_brief(const Finding& finding) {
  return element("li", {{"class", "finding " + style(finding.status)}},
                 heading(finding) + element("p", {{"class", "summary"}}, finding.summary) +
                     draw_bound(finding) + draw_evidence(finding));
}

template <class Draw>
Html draw_all(const judge::Verdict& verdict, Status status, Draw draw_one) {
  Html all;
  for (const Finding* finding : with_status(verdict, status)) {
    all += draw_one(*finding);
  }
  return all;
}

}  // namespace

std::string title_of(std::string_view clause) {
  const Clause* const found = judge::find_clause(clause);
  return std::string(found == nullptr ? clause : found->title);
}

Html draw_findings(const judge::Verdict& verdict) {
  const Html passed = draw_all(verdict, Status::passed, draw_brief);
  const Html skipped = draw_all(verdict, Status::skipped, draw_brief);
  Html all = draw_all(verdict, Status::failed, draw_failed) + draw_inconclusive(verdict);
  if (!passed.empty()) {
    all += element("ul", {{"class", "brief"}}, passed);
  }
  if (!skipped.empty()) {
    all += element("details", {{"class", "skipped"}},
                   element("summary", {}, "Not judged") + element("ul", {{"class", "brief"}}, skipped));
  }
  return draw(Card{.name = "findings", .heading = "Findings", .whose = verdict.title, .content = all});
}

}  // namespace lastcall::report::page
