// A record: whatever is accepted is written and read back as the same evidence, can be judged, always alike,
// and cut off anywhere it is refused.
#include "fuzz.h"
#include "judge/judge.h"
#include "report/recording.h"
#include "report/verdict_json.h"

using namespace lastcall::report;
using lastcall::fuzz::Exact;

namespace {

std::string judged(const Recording& recording) {
  const lastcall::judge::Verdict verdict = lastcall::judge::judge(recording.trials, recording.profile);
  return to_json(std::span(&verdict, 1));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Exact in(lastcall::fuzz::as_text(data, size));
  const auto recording = parse_record(in.view());
  if (!recording) {
    LASTCALL_ASSERT(recording.error().exit_status == 2 && recording.error().what.starts_with("line "));
    return 0;
  }
  const auto again = parse_record(to_record(*recording));
  LASTCALL_ASSERT(again.has_value() && *again == *recording);
  LASTCALL_ASSERT(judged(*again) == judged(*recording));
  lastcall::fuzz::for_cuts(size, [&](std::size_t cut) {
    const Exact part(in.view().substr(0, cut));
    LASTCALL_ASSERT(!parse_record(part.view()));
  });
  return 0;
}
