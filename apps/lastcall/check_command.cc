// `lastcall check`: runs a server's shutdown or replays a record, and delivers the verdict.
#include <cstring>

#include "check/check_run.h"
#include "check_plan.h"
#include "check_progress.h"
#include "check_results.h"
#include "commands.h"
#include "config/arguments.h"
#include "config/help.h"
#include "config/resolve.h"
#include "judge/judge.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr std::size_t kMaxRecord = std::size_t{1} << 30U;

Result<report::Recording> run(const CheckPlan& plan) {
  CheckProgress progress;
  sys::raise_file_limit();
  auto trials = check::run_check(plan.run, [&](const check::Progress& seen) { progress.show(seen); });
  if (!trials) {
    Error error = std::move(trials).error();
    error.what = plan.redactor.mask(std::move(error.what));
    error.fix = plan.redactor.mask(std::move(error.fix));
    return tl::unexpected(std::move(error));
  }
  return report::Recording{.command = plan.shown_command,
                           .seed = plan.run.seed,
                           .profile = plan.profile,
                           .trials = *std::move(trials)};
}

Result<report::Recording> replay(const config::CheckConfig& config) {
  int error = 0;
  const auto text = sys::read_large_file(config.replay, kMaxRecord, error);
  if (!text) {
    return failure("--replay: cannot read " + config.replay + ": " + std::strerror(-error), {}, 2);
  }
  auto recording = report::parse_record(*text);
  if (!recording) {
    return failure("--replay: " + config.replay + ": " + recording.error().what, recording.error().fix, 2);
  }
  auto profile = choose_profile(config, recording->profile);
  if (!profile) {
    return tl::unexpected(std::move(profile).error());
  }
  recording->profile = *std::move(profile);
  return recording;
}

judge::Verdict judge_recording(const report::Recording& recording) {
  judge::Verdict verdict = judge::judge(recording.trials, recording.profile);
  verdict.command = recording.command;
  verdict.seed = recording.seed;
  return verdict;
}

Result<report::Recording> gather(const config::CheckConfig& config, const std::vector<std::string>& command) {
  if (config.replay.empty()) {
    return make_check_plan(config, command).and_then(run);
  }
  if (!command.empty() || config.pid) {
    return failure("--replay runs nothing", "leave the command and --pid away", 2);
  }
  return replay(config);
}

Result<int> carry_out(const config::CheckConfig& config, const std::vector<std::string>& command) {
  if (auto writable = refuse_unwritable(config); !writable) {
    return tl::unexpected(std::move(writable).error());
  }
  const auto recording = gather(config, command);
  if (!recording) {
    return tl::unexpected(recording.error());
  }
  const judge::Verdict verdict = judge_recording(*recording);
  return deliver_results(config, {&verdict, 1}, &*recording).map([&verdict] {
    return exit_status_of(verdict.status);
  });
}

}  // namespace

int check_command(std::span<const std::string> words) {
  const auto arguments = config::parse_arguments(config::check_table(), words);
  if (!arguments) {
    return complain(arguments.error());
  }
  if (arguments->help) {
    return print(config::help_text(config::check_table(), static_cast<std::size_t>(sys::terminal_width(1))));
  }
  if (arguments->version) {
    return print("lastcall " LASTCALL_VERSION "\n");
  }
  const auto status = config::resolve_check(*arguments).and_then([&](const config::CheckConfig& config) {
    return carry_out(config, arguments->command);
  });
  return status ? *status : complain(status.error());
}

}  // namespace lastcall
