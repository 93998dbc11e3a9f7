#include "drain/report.h"

#include <algorithm>

namespace lastcall::drain {

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
         app.descendants_killed == 0;
}

}  // namespace lastcall::drain
