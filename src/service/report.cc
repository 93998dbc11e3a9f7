// The public DrainReport: a view of the drain core's own.
#include "lastcall/report.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "drain/report.h"
#include "report/drain_report.h"
#include "sys/sys.h"

namespace lastcall {

DrainReport::DrainReport(std::shared_ptr<const drain::DrainReport> report) : report_(std::move(report)) {
  LASTCALL_ASSERT(report_->work.has_value());
}

bool DrainReport::clean() const {
  return report_->clean();
}

int DrainReport::exit_code() const {
  return clean() ? 0 : 1;
}

std::string DrainReport::cause() const {
  return report_->cause;
}

bool DrainReport::forced() const {
  return report_->forced;
}

Duration DrainReport::took() const {
  return report_->took;
}

std::vector<StepResult> DrainReport::steps() const {
  std::vector<StepResult> results;
  for (const drain::StepReport& step : report_->steps) {
    std::string detail = step.detail;
    if (!step.lost.empty()) {
      detail.append(detail.empty() ? "" : "; ").append("lost: ").append(step.lost);
    }
    results.push_back({.name = step.name,
                       .outcome = step.outcome,
                       .detail = std::move(detail),
                       .began = step.began,
                       .lasted = step.lasted});
  }
  return results;
}

std::vector<ScopeResult> DrainReport::scopes() const {
  std::vector<ScopeResult> results;
  std::ranges::transform(report_->work->scopes, std::back_inserter(results),
                         [](const drain::ScopeReport& one) {
                           return ScopeResult{one.name, one.at_signal, one.finished, one.refused, one.cut};
                         });
  return results;
}

std::vector<CutWork> DrainReport::cut() const {
  std::vector<CutWork> cuts;
  std::ranges::transform(report_->work->cuts, std::back_inserter(cuts),
                         [](const drain::CutWork& one) { return CutWork{one.scope, one.label, one.age}; });
  return cuts;
}

std::string DrainReport::to_json() const {
  return report::to_json(*report_);
}

std::string DrainReport::to_text() const {
  return report::to_text(*report_);
}

int finish(const DrainReport& report) {
  if (report.report_->work->left_running) {
    std::cout.flush();
    std::fflush(stdout);
    std::fflush(stderr);
    sys::exit_now(report.exit_code());
  }
  return report.exit_code();
}

}  // namespace lastcall
