// Writes the page of a made-up result to standard output: `page_sample failed|passed|compared|hostile`.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "report/page.h"
#include "testing/verdict_sample.h"

namespace {

using namespace lastcall;  // NOLINT(google-build-using-namespace): sample::, report::

constexpr const char* kScript = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'>";

/// Every text that comes from outside holds markup.
judge::Verdict hostile_verdict() {
  judge::Verdict verdict = sample::failed_verdict();
  verdict.title = kScript;
  verdict.command = {"./server", kScript};
  verdict.profile.name = kScript;
  for (judge::Finding& finding : verdict.findings) {
    finding.summary += kScript;
    for (judge::Evidence& evidence : finding.evidence) {
      evidence.what += kScript;
    }
  }
  for (judge::FlowCount& flow : verdict.flows) {
    flow.name += kScript;
  }
  for (judge::TrialSummary& trial : verdict.trials) {
    trial.exit += kScript;
  }
  for (judge::Timeline::Lane& lane : verdict.timeline.lanes) {
    lane.name += kScript;
    lane.result += kScript;
  }
  for (judge::Timeline::Mark& mark : verdict.timeline.marks) {
    mark.what += kScript;
  }
  return verdict;
}

std::vector<judge::Verdict> verdicts(std::string_view name) {
  if (name == "failed") {
    return {sample::failed_verdict()};
  }
  if (name == "passed") {
    return {sample::passed_verdict()};
  }
  if (name == "compared") {
    return {sample::failed_verdict(), sample::passed_verdict()};
  }
  return {hostile_verdict()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: page_sample failed|passed|compared|hostile\n", stderr);
    return 2;
  }
  std::fputs(report::to_page(verdicts(argv[1])).c_str(), stdout);
  return 0;
}
