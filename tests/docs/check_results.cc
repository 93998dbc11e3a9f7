// Prints made-up results of `lastcall check` as it writes them: `check_results json|rolling|junit|record`.
// Reads a record from stdin with `check_results replay` and says what is wrong with it.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "report/recording.h"
#include "report/verdict_json.h"
#include "report/verdict_junit.h"
#include "testing/rolling_sample.h"
#include "testing/verdict_sample.h"

namespace {

using namespace lastcall;  // NOLINT(google-build-using-namespace): 30s

int replay() {
  const std::string record((std::istreambuf_iterator<char>(std::cin)), {});
  const auto recording = report::parse_record(record);
  if (!recording) {
    std::fprintf(stderr, "%s\n", recording.error().what.c_str());
    return 1;
  }
  return 0;
}

std::string result(const std::string& name) {
  const std::vector<judge::Verdict> compared = {sample::passed_verdict(), sample::failed_verdict()};
  const std::vector<judge::RollingVerdict> rolling = {sample::failed_rolling(), sample::passed_rolling()};
  if (name == "json") {
    return report::to_json(compared);
  }
  if (name == "rolling") {
    return report::to_json(rolling);
  }
  if (name == "junit") {
    return report::to_junit(compared);
  }
  return report::to_record(
      {.seed = 7, .profile = {.name = "plain", .grace = 30s}, .trials = {sample::trial()}});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc == 2 ? argv[1] : "";
  if (name == "replay") {
    return replay();
  }
  std::fputs(result(name).c_str(), stdout);
  return 0;
}
