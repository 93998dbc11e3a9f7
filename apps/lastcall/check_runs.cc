#include "check_runs.h"

#include "check/check_run.h"
#include "check_progress.h"
#include "judge/judge.h"
#include "sys/sys.h"

namespace lastcall {

Result<report::Recording> run_plan(const CheckPlan& plan) {
  CheckProgress progress(plan.title);
  sys::raise_file_limit();
  auto trials = check::run_check(plan.run, [&](const check::Progress& seen) { progress.show(seen); });
  if (!trials) {
    return tl::unexpected(masked(std::move(trials).error(), plan.redactor));
  }
  return report::Recording{.command = plan.shown_command,
                           .seed = plan.run.seed,
                           .profile = plan.profile,
                           .trials = *std::move(trials)};
}

judge::Verdict judge_recording(const report::Recording& recording) {
  judge::Verdict verdict = judge::judge(recording.trials, recording.profile);
  verdict.command = recording.command;
  verdict.seed = recording.seed;
  return verdict;
}

Result<std::vector<judge::Verdict>> compare(std::span<const CheckPlan> plans) {
  std::vector<judge::Verdict> verdicts;
  for (const CheckPlan& plan : plans) {
    const auto recording = run_plan(plan);
    if (!recording) {
      return tl::unexpected(recording.error());
    }
    verdicts.push_back(judge_recording(*recording));
    verdicts.back().title = plan.title;
  }
  return verdicts;
}

}  // namespace lastcall
