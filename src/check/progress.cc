#include "check/progress.h"

namespace lastcall::check {

void ProgressMeter::count(std::span<const judge::Observation> observations) {
  for (; counted_ < observations.size(); ++counted_) {
    seen_.add(observations[counted_].outcome);
  }
}

}  // namespace lastcall::check
