// `lastcall check`: runs a server's shutdown or replays a record, and delivers the verdict.
#include <algorithm>
#include <array>
#include <cstring>

#include "check_plan.h"
#include "check_results.h"
#include "check_runs.h"
#include "commands.h"
#include "config/arguments.h"
#include "config/help.h"
#include "config/resolve.h"
#include "rolling_check.h"
#include "surroundings.h"
#include "sys/sys.h"
#include "wrapped.h"

namespace lastcall {
namespace {

constexpr std::size_t kMaxRecord = std::size_t{1} << 30U;

/// What judging a record anew can be told.
constexpr std::string_view kOfReplay[] = {"replay", "profile", "grace", "json", "junit", "html", "color"};
constexpr std::string_view kOfBehind[] = {"replicas", "restarts"};

/// An option that would do nothing is a mistake, and whoever made it expects something else.
Result<void> refuse_meaningless(const config::Arguments& arguments) {
  const auto given = [&](std::string_view flag) { return arguments.given.contains(flag); };
  for (const std::string_view flag : kOfBehind) {
    if (given(flag) && !given("behind")) {
      return failure("--" + std::string(flag) + " means nothing without a balancer",
                     "say which: --behind haproxy or --behind nginx", 2);
    }
  }
  if (!given("replay")) {
    return {};
  }
  for (const auto& [flag, values] : arguments.given) {
    if (std::ranges::find(kOfReplay, flag) == std::end(kOfReplay)) {
      return failure("--replay runs nothing", "leave --" + flag + " away", 2);
    }
  }
  return arguments.command.empty() ? Result<void>()
                                   : failure("--replay runs nothing", "leave the command away", 2);
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

Result<report::Recording> gather(const config::CheckConfig& config, const std::vector<std::string>& command) {
  if (config.replay.empty()) {
    return make_check_plan(config, command).and_then(run_plan);
  }
  return replay(config);
}

Result<int> check_once(const config::CheckConfig& config, const std::vector<std::string>& command) {
  const auto recording = gather(config, command);
  if (!recording) {
    return tl::unexpected(recording.error());
  }
  const judge::Verdict verdict = judge_recording(*recording);
  return deliver_results(config, {&verdict, 1}, &*recording).map([&verdict] {
    return judge::exit_status(verdict.status);
  });
}

Result<int> check_both(const config::CheckConfig& config, const CheckPlan& plan) {
  if (config.pid || !config.url.empty() || !config.record.empty()) {
    return failure("--compare starts the command twice", "leave --pid, --url and --record away", 2);
  }
  const std::array plans = {plan, under_lastcall(plan)};
  const auto verdicts = compare(plans);
  if (!verdicts) {
    return tl::unexpected(verdicts.error());
  }
  return deliver_results(config, *verdicts, nullptr).map([&verdicts] {
    return judge::exit_status(verdicts->back().status);
  });
}

Result<int> carry_out(const config::CheckConfig& config, const std::vector<std::string>& command) {
  const bool several = config.compare || !config.behind.empty();
  return refuse_unwritable(config).and_then([&]() -> Result<int> {
    if (!several) {
      return check_once(config, command);
    }
    return make_check_plan(config, command).and_then([&](const CheckPlan& plan) {
      return config.behind.empty() ? check_both(config, plan) : rolling_check(config, plan);
    });
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
  const auto status =
      refuse_meaningless(*arguments)
          .and_then([&] { return config::resolve_check(*arguments); })
          .and_then([&](const config::CheckConfig& config) { return carry_out(config, arguments->command); });
  return status ? *status : complain(status.error());
}

}  // namespace lastcall
