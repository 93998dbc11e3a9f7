#include "drain/report.h"

#include <algorithm>

namespace lastcall::drain {

bool DrainReport::clean() const {
  const bool abandoned =
      std::ranges::any_of(steps, [](const StepReport& s) { return s.outcome == "abandoned" && !s.courtesy; });
  return !forced && !abandoned && traffic.cut == 0 && !app.killed && app.descendants_killed == 0;
}

}  // namespace lastcall::drain
