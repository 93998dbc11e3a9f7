#include "report/page_compare.h"

#include <algorithm>

#include <fmt/format.h>

#include "report/page_findings.h"
#include "report/page_verdict.h"

namespace lastcall::report::page {

namespace {

using judge::Finding;
using judge::Status;
using judge::Verdict;
using Verdicts = std::span<const Verdict>;

const Finding* find(const Verdict& verdict, std::string_view clause) {
  const auto found = std::ranges::find(verdict.findings, clause, &Finding::clause);
  return found == verdict.findings.end() ? nullptr : &*found;
}

/// Judged in at least one of them, in the contract's order.
std::vector<std::string_view> judged_clauses(Verdicts verdicts) {
  std::vector<std::string_view> clauses;
  for (const Verdict& verdict : verdicts) {
    for (const Finding& finding : verdict.findings) {
      if (finding.status != Status::skipped) {
        clauses.push_back(finding.clause);
      }
    }
  }
  std::ranges::sort(clauses);
  const auto doubles = std::ranges::unique(clauses);
  clauses.erase(doubles.begin(), doubles.end());
  return clauses;
}

Html cell(const Verdict& verdict, std::string_view clause) {
  const Finding* const finding = find(verdict, clause);
  const Status status = finding == nullptr ? Status::skipped : finding->status;
  const Html name = element("span", {{"class", "of"}}, name_of(verdict));
  const Html summary =
      finding == nullptr ? Html() : element("span", {{"class", "summary"}}, finding->summary);
  return name + badge(status) + summary;
}

Html table_of_clauses(Verdicts verdicts) {
  Table table{.caption = "Clause by clause", .columns = {{"clause"}}, .rows = {}};
  for (const Verdict& verdict : verdicts) {
    table.columns.push_back({name_of(verdict)});
  }
  for (const std::string_view clause : judged_clauses(verdicts)) {
    std::vector<Html>& row = table.rows.emplace_back();
    row.push_back(element("span", {{"class", "id"}}, clause) + " " + title_of(clause));
    for (const Verdict& verdict : verdicts) {
      row.push_back(cell(verdict, clause));
    }
  }
  return draw(Card{.name = "clauses", .heading = table.caption, .whose = {}, .content = draw(table)});
}

Frame common_frame(Verdicts verdicts) {
  std::vector<const judge::Timeline*> timelines;
  for (const Verdict& verdict : verdicts) {
    timelines.push_back(&verdict.timeline);
  }
  return frame_of(timelines);
}

std::string names(Verdicts verdicts) {
  std::string all;
  for (const Verdict& verdict : verdicts) {
    all += (all.empty() ? "" : " vs. ") + name_of(verdict);
  }
  return all;
}

}  // namespace

Document compare(Verdicts verdicts) {
  const Frame frame = common_frame(verdicts);
  const auto side_by_side = [&](auto&& draw_one) {
    Html row;
    for (const Verdict& verdict : verdicts) {
      row += draw_one(verdict);
    }
    return element("div", {{"class", "pair"}}, row);
  };
  return {.title = names(verdicts) + " · lastcall check",
          .layout = "compare",
          .tool = {},
          .content = element("h1", {}, names(verdicts)) +
                     side_by_side([](const Verdict& one) { return draw_headline(one, 2); }) +
                     side_by_side([&](const Verdict& one) { return draw_timeline(one, frame); }) +
                     table_of_clauses(verdicts) + side_by_side(draw_findings) + side_by_side(draw_tables) +
                     side_by_side(draw_conditions)};
}

}  // namespace lastcall::report::page
