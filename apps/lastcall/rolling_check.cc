#include "rolling_check.h"

#include <fmt/format.h>

#include "check/rolling_restart.h"
#include "check_results.h"
#include "live_line.h"
#include "private_folder.h"
#include "sys/sys.h"
#include "wrapped.h"

namespace lastcall {
namespace {

/// What has no meaning behind a balancer is refused, not ignored.
Result<void> refuse_others(const config::CheckConfig& config, const CheckPlan& plan) {
  const std::pair<std::string_view, bool> given[] = {
      {"--pid", config.pid.has_value()},
      {"--url", !config.url.empty()},
      {"--download-path", !config.download_path.empty()},
      {"--ws-path", !config.ws_path.empty()},
      {"--sse-path", !config.sse_path.empty()},
      {"--live-path", !config.live_path.empty()},
      {"--junit", !config.junit.empty()},
      {"--html", !config.html.empty()},
      {"--record", !config.record.empty()},
  };
  for (const auto& [flag, is_given] : given) {
    if (is_given) {
      return failure(fmt::format("{} does not go with --behind", flag), "leave it away", 2);
    }
  }
  if (plan.run.readiness && plan.run.readiness->target.port != 0) {
    return failure("--ready-path: replicas are probed on their own port",
                   "give a path alone, such as /readyz", 2);
  }
  return {};
}

check::RollingPlan make_rolling_plan(const config::CheckConfig& config, const CheckPlan& plan) {
  return {.title = plan.title,
          .command = plan.run.command,
          .shown_command = plan.shown_command,
          .balancer = config.behind == "nginx" ? check::BalancerKind::nginx : check::BalancerKind::haproxy,
          .replicas = config.replicas,
          .restarts = config.restarts,
          .signal = plan.run.signal,
          .grace = plan.run.grace,
          .start_timeout = plan.run.start_timeout,
          .before = plan.run.duration,
          .path = plan.run.path,
          .ready_path = plan.run.readiness ? plan.run.readiness->path : "",
          .slow_path = plan.run.slow_path,
          .upload_path = plan.run.upload_path,
          .headers = plan.run.headers,
          .rate = plan.run.rate,
          .seed = plan.run.seed};
}

Result<judge::RollingVerdict> run(check::RollingPlan plan) {
  const auto folder = PrivateFolder::make();
  if (!folder) {
    return Failure(folder.error());
  }
  plan.folder = folder->path();
  LiveLine line;
  const std::string title = plan.title.empty() ? "" : plan.title + ": ";
  check::RollingRestart restarts(std::move(plan), [&](const check::RollingRestart::Progress& progress) {
    line.show(fmt::format("{}{} {} · {} requests, {} errors", title, progress.what, progress.phase,
                          progress.requests, progress.errors),
              title + progress.what);
  });
  return restarts.run().map([](const judge::RollingEvidence& evidence) { return judge::judge(evidence); });
}

}  // namespace

Result<int> rolling_check(const config::CheckConfig& config, const CheckPlan& plan) {
  if (const auto possible = refuse_others(config, plan); !possible) {
    return Failure(possible.error());
  }
  sys::raise_file_limit();
  const check::RollingPlan bare = make_rolling_plan(config, plan);
  std::vector<check::RollingPlan> plans = {bare};
  if (config.compare) {
    plans.push_back(under_lastcall(bare));
  }
  std::vector<judge::RollingVerdict> verdicts;
  for (const check::RollingPlan& each : plans) {
    auto verdict = run(each);
    if (!verdict) {
      return tl::unexpected(masked(std::move(verdict).error(), plan.redactor));
    }
    verdicts.push_back(*std::move(verdict));
  }
  return deliver_rolling(config, verdicts).map([&verdicts] {
    return judge::exit_status(verdicts.back().status);
  });
}

}  // namespace lastcall
