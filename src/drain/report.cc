#include "drain/report.h"

#include <algorithm>

namespace lastcall::drain {

bool DrainReport::clean() const {
  const auto spoils = [](const StepReport& step) {
    const bool undone = step.outcome == "abandoned" || step.outcome == "failed";
    return !step.lost.empty() || (undone && !step.courtesy);
  };
  const bool work_cut =
      work && std::ranges::any_of(work->scopes, [](const ScopeReport& scope) { return scope.cut > 0; });
  return !forced && std::ranges::none_of(steps, spoils) && !work_cut && traffic.cut == 0 && !app.killed &&
         app.descendants_killed == 0;
}

}  // namespace lastcall::drain
