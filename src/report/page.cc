#include "report/page.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "report/page_compare.h"
#include "report/page_findings.h"
#include "report/page_parts.h"
#include "report/page_verdict.h"

namespace lastcall::report {

namespace {

constexpr const char* kTool = "lastcall check " LASTCALL_VERSION;

page::Document report(const judge::Verdict& verdict) {
  const judge::Timeline* const timeline = &verdict.timeline;
  const page::Frame frame = page::frame_of(std::span(&timeline, 1));
  return {.title = fmt::format("{}: {} · lastcall check", page::word(verdict.status), page::name_of(verdict)),
          .layout = "report",
          .tool = kTool,
          .content = page::draw_headline(verdict, 1) + page::draw_timeline(verdict, frame) +
                     page::draw_findings(verdict) + page::draw_tables(verdict) +
                     page::draw_conditions(verdict)};
}

}  // namespace

std::string to_page(std::span<const judge::Verdict> verdicts) {
  LASTCALL_ASSERT(!verdicts.empty());
  page::Document document = verdicts.size() == 1 ? report(verdicts.front()) : page::compare(verdicts);
  document.tool = kTool;
  return page::draw(document);
}

}  // namespace lastcall::report
