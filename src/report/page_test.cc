#include "report/page.h"

#include <array>
#include <cctype>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/clause.h"
#include "report/html.h"
#include "report/page_lanes.h"
#include "testing/verdict_sample.h"

namespace lastcall::report {
namespace {

using judge::Verdict;
using testing::HasSubstr;
using testing::Not;

std::string page_of(const Verdict& verdict) {
  return to_page(std::span(&verdict, 1));
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

/// As it stands between tags.
std::string shown(const std::string& text) {
  return Html(text).markup();
}

/// The elements that are open at the end, or the first one that is closed out of turn.
std::vector<std::string> unbalanced(const std::string& page) {
  static const std::set<std::string> kVoid = {"!doctype", "meta"};
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::size_t end = page.find('>', at);
    const bool closing = page[at + 1] == '/';
    const std::size_t name_at = at + (closing ? 2 : 1);
    const std::string name = page.substr(name_at, page.find_first_of(" />", name_at) - name_at);
    if (closing) {
      if (open.empty() || open.back() != name) {
        return {"</" + name + ">"};
      }
      open.pop_back();
    } else if (page[end - 1] != '/' && !kVoid.contains(name)) {
      open.push_back(name);
    }
    if (name == "script" || name == "style") {
      at = closing ? at : page.find("</" + name, at) - 1;
    }
  }
  return open;
}

Verdict hostile_verdict() {
  const std::string attack = "</title></style><script>alert(1)</script><img src=x onerror=\"alert(2)\" a='";
  Verdict verdict = sample::failed_verdict();
  verdict.title = verdict.profile.name = attack;
  verdict.command = {attack};
  for (judge::Finding& finding : verdict.findings) {
    finding.summary = attack;
    for (judge::Evidence& evidence : finding.evidence) {
      evidence.what = attack;
    }
  }
  verdict.findings.push_back({.clause = "<b>LC999", .status = judge::Status::failed, .summary = attack});
  verdict.flows.front().name = verdict.trials.front().exit = attack;
  verdict.timeline.lanes.front().name = verdict.timeline.lanes.front().result = attack;
  verdict.timeline.marks.front().what = attack;
  return verdict;
}

TEST(Page, ShowsEveryLaneWithItsNameAndResult) {
  const Verdict verdict = sample::failed_verdict();
  const std::string page = page_of(verdict);
  for (const auto& lane : verdict.timeline.lanes) {
    EXPECT_THAT(page, HasSubstr("aria-label=\"" + shown(lane.name + ": " + lane.result) + "\""));
  }
  EXPECT_EQ(count(page, "class=\"band\""), verdict.timeline.lanes.size());
}

TEST(Page, FlagsEveryMarkWithItsInstant) {
  const std::string page = page_of(sample::failed_verdict());
  EXPECT_EQ(count(page, "class=\"flag"), 4U);
  EXPECT_THAT(page, HasSubstr("SIGTERM at 0, listener closed at +12\u00a0ms, SIGTERM again at +300\u00a0ms"));
}

TEST(Page, ShowsEveryFindingWithItsSummaryAndEvidence) {
  const Verdict verdict = sample::failed_verdict();
  const std::string page = page_of(verdict);
  for (const auto& finding : verdict.findings) {
    EXPECT_THAT(page, HasSubstr(std::string(finding.clause)));
    EXPECT_THAT(page, HasSubstr(shown(finding.summary)));
    for (const auto& evidence : finding.evidence) {
      EXPECT_THAT(page, HasSubstr(shown(evidence.what)));
    }
  }
}

TEST(Page, SaysOfWhatIsBrokenWhatUsersSeeAndHowToMendIt) {
  const std::string page = page_of(sample::failed_verdict());
  const judge::Clause* const clause = judge::find_clause("LC202");
  ASSERT_NE(clause, nullptr);
  EXPECT_THAT(page, HasSubstr(shown(std::string(clause->suffer))));
  ASSERT_FALSE(clause->fixes.empty());
  for (const judge::Fix& fix : clause->fixes) {
    EXPECT_THAT(page, HasSubstr(shown(std::string(fix.how.substr(0, fix.how.find('\n'))))));
  }
  EXPECT_THAT(page, HasSubstr("<pre class=\"code\">  "));
}

TEST(Page, BoundsTheTrueRateOfWhatNeverBroke) {
  EXPECT_THAT(page_of(sample::passed_verdict()),
              HasSubstr("0 of 664: at most 0.46 % at 95\u00a0% confidence"));
  EXPECT_THAT(page_of(sample::failed_verdict()), Not(HasSubstr("9 of 612: at most")));
}

TEST(Page, KeepsTheRemarksOnWhatHolds) {
  Verdict verdict = sample::passed_verdict();
  verdict.findings.front().evidence = {{1, 104ms, "remark: all 10 ended within 1.5 ms"}};
  EXPECT_THAT(page_of(verdict), HasSubstr("remark: all 10 ended within 1.5 ms"));
}

TEST(Page, NamesTheCommandTheSeedTheProfileAndTheVersion) {
  const std::string page = page_of(sample::failed_verdict());
  EXPECT_THAT(page, HasSubstr("node server.js --port {port} --token ***"));
  EXPECT_THAT(page, HasSubstr("32570"));
  EXPECT_THAT(page, HasSubstr("plain, grace 30s"));
  EXPECT_THAT(page, HasSubstr("lastcall " LASTCALL_VERSION));
}

TEST(Page, SaysThatAServerDidNotEndByItself) {
  EXPECT_THAT(page_of(sample::failed_verdict()), HasSubstr("<dt>longest stop</dt><dd>killed after 30s</dd>"));
  EXPECT_THAT(page_of(sample::passed_verdict()), HasSubstr("<dt>longest stop</dt><dd>3.46\u00a0s</dd>"));
}

TEST(Page, NoTextBecomesMarkup) {
  const std::string page = page_of(hostile_verdict());
  EXPECT_EQ(count(page, "<script"), 1U);
  EXPECT_EQ(count(page, "<img"), 0U);
  EXPECT_EQ(count(page, "<b>"), 0U);
  EXPECT_EQ(unbalanced(page), std::vector<std::string>{});
}

TEST(Page, AsksTheNetworkForNothing) {
  const std::array<Verdict, 2> both = {sample::failed_verdict(), sample::passed_verdict()};
  const std::string page = to_page(both);
  for (const char* const fetch : {" src=", "@import", "url(", "<link", "<iframe", "href=\"http"}) {
    EXPECT_THAT(page, Not(HasSubstr(fetch)));
  }
  EXPECT_THAT(page, HasSubstr("default-src &#39;none&#39;"));
  EXPECT_THAT(page, Not(HasSubstr("script-src &#39;unsafe-inline&#39;")));
}

TEST(Page, IsWellFormed) {
  const std::array<Verdict, 2> both = {sample::failed_verdict(), sample::passed_verdict()};
  EXPECT_EQ(unbalanced(page_of(both[0])), std::vector<std::string>{});
  EXPECT_EQ(unbalanced(page_of(both[1])), std::vector<std::string>{});
  EXPECT_EQ(unbalanced(to_page(both)), std::vector<std::string>{});
  EXPECT_EQ(count(to_page(both), "<h1>"), 1U);
}

TEST(Page, AVerdictWithNothingInItIsAPageAllTheSame) {
  Verdict verdict;
  verdict.profile.name = "plain";
  const std::string page = page_of(verdict);
  EXPECT_EQ(unbalanced(page), std::vector<std::string>{});
  EXPECT_THAT(page, Not(HasSubstr("class=\"chart\"")));
}

TEST(Comparison, StandsOnOneScaleOfTime) {
  const std::array<Verdict, 2> both = {sample::failed_verdict(), sample::passed_verdict()};
  EXPECT_EQ(count(to_page(both), "data-begin=\"-1000000\" data-end=\"4040000\""), 2U);
}

TEST(Comparison, SetsEachClauseThatWasJudgedSideBySide) {
  const std::array<Verdict, 2> both = {sample::failed_verdict(), sample::passed_verdict()};
  const std::string page = to_page(both);
  const std::string table = page.substr(page.find("class=\"card clauses\""), page.find("</table>"));
  EXPECT_THAT(table, HasSubstr("27 of 86 requests in flight were cut (18 reset, 9 truncated)"));
  EXPECT_THAT(table, HasSubstr("0 of 90 requests in flight were cut"));
  EXPECT_THAT(page, HasSubstr("<h1>bare vs. lastcall run</h1>"));
}

judge::Timeline timeline_of(std::vector<judge::Timeline::Bin> bins) {
  return {.begin = -10ms, .bin = 10ms, .lanes = {{"slow", "", std::move(bins)}}};
}

std::string drawn(const judge::Timeline& timeline) {
  return page::draw_bins(timeline, timeline.lanes.front(), {.begin = -10ms, .end = 990ms}).markup();
}

TEST(Lane, EachFateHasAShapeOfItsOwn) {
  const std::string lane =
      drawn(timeline_of({{.begun = 1, .good = 1, .bad = 1, .refused = 1, .in_flight = 1}}));
  EXPECT_EQ(count(lane, "class=\"flight\""), 1U);
  EXPECT_EQ(count(lane, "class=\"good\""), 1U);
  EXPECT_EQ(count(lane, "class=\"refused\""), 1U);
  EXPECT_EQ(count(lane, "href=\"#cross\""), 1U);
}

TEST(Lane, WithoutAnythingItHasItsBaseLineOnly) {
  EXPECT_EQ(count(drawn(timeline_of({{}, {}})), "<path"), 1U);
  EXPECT_EQ(count(drawn(timeline_of({})), "<path"), 1U);
}

TEST(Lane, NeighbouringLossesShareACrossThatCountsThemAll) {
  const std::string lane = drawn(timeline_of({{.bad = 2}, {.bad = 3}, {}, {}, {}, {.bad = 1}}));
  EXPECT_EQ(count(lane, "href=\"#cross\""), 2U);
  EXPECT_THAT(lane, HasSubstr("5 lost from \u221210\u00a0ms"));
  EXPECT_THAT(lane, HasSubstr("1 lost from +40\u00a0ms"));
}

TEST(Frame, EndsALittleAfterTheLastThingThatHappened) {
  judge::Timeline timeline = timeline_of({{.good = 1}, {.good = 1}, {}, {}, {}});
  const judge::Timeline* const one = &timeline;
  EXPECT_EQ(page::frame_of(std::span(&one, 1)).end, 11ms);
  timeline.marks = {{90ms, "exit 0"}};
  EXPECT_EQ(page::frame_of(std::span(&one, 1)).end, 95ms);
}

TEST(Frame, OfNothingIsNotEmpty) {
  const judge::Timeline empty;
  const judge::Timeline* const one = &empty;
  const page::Frame frame = page::frame_of(std::span(&one, 1));
  EXPECT_LT(frame.begin, frame.end);
}

}  // namespace
}  // namespace lastcall::report
