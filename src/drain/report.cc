#include "drain/report.h"

#include <algorithm>

namespace lastcall::drain {
namespace {

/// It ended before its turn and took requests along, or nobody had asked it to end and it says itself that
/// it failed.
bool app_failed(const DrainReport& report) {
  const AppReport& app = report.app;
  const bool well = !app.signal && app.exit_status.value_or(0) == 0;
  const bool took_requests = report.traffic.failed + report.traffic.refused > 0;
  return (app.exited_by_itself && (!well || took_requests)) || (app.signalled_by_others && took_requests);
}

}  // namespace

ScopeReport WorkReport::total() const {
  ScopeReport total;
  for (const ScopeReport& scope : scopes) {
    total.at_signal += scope.at_signal;
    total.finished += scope.finished;
    total.refused += scope.refused;
    total.cut += scope.cut;
  }
  return total;
}

bool DrainReport::clean() const {
  const auto spoils = [](const StepReport& step) {
    const bool undone = step.outcome == "abandoned" || step.outcome == "failed";
    return !step.lost.empty() || (undone && !step.courtesy);
  };
  const bool work_cut = work && work->total().cut > 0;
  return !forced && std::ranges::none_of(steps, spoils) && !work_cut && traffic.cut == 0 && !app.killed &&
         !app_failed(*this) && app.descendants_killed == 0;
}

}  // namespace lastcall::drain
