#include "net/syn_pressure.h"

namespace lastcall::net {

void SynPressure::sample(std::int64_t overflows, Time now) {
  if (overflows < 0) {
    return;
  }
  if (overflows_ && overflows > *overflows_) {
    last_growth_ = now;
  }
  overflows_ = overflows;
}

bool SynPressure::seen_lately(Time now) const {
  return last_growth_ && now - *last_growth_ <= kMemory;
}

}  // namespace lastcall::net
