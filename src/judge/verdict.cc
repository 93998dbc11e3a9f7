#include "judge/verdict.h"

namespace lastcall::judge {

std::string_view to_string(Status status) {
  static constexpr std::array<std::string_view, 4> kNames = {"skipped", "passed", "inconclusive", "failed"};
  return kNames[static_cast<std::size_t>(status)];
}

int exit_status(Status status) {
  switch (status) {
    case Status::passed:
      return 0;
    case Status::failed:
      return 1;
    case Status::skipped:
    case Status::inconclusive:
      break;
  }
  return 3;
}

}  // namespace lastcall::judge
