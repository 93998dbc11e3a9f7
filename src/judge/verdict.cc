#include "judge/verdict.h"

namespace lastcall::judge {

std::string_view to_string(Status status) {
  static constexpr std::array<std::string_view, 4> kNames = {"skipped", "passed", "inconclusive", "failed"};
  return kNames[static_cast<std::size_t>(status)];
}

}  // namespace lastcall::judge
