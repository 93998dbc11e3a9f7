#include "check/rolling_restart.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace lastcall::check {
namespace {

constexpr Duration kJoinTimeout = 15s;  // for the balancer to send to a replica that is ready
constexpr Duration kEndTimeout = 10s;   // for what was killed to be gone
constexpr Duration kShortestPause = 100ms;
constexpr Duration kLongestPause = 500ms;
constexpr Duration kBetweenProgress = 100ms;

/// Enough clients that nobody has to wait for another's answer.
Scenario users(const RollingPlan& plan, std::uint16_t port) {
  Scenario scenario{
      .target = sys::loopback_ipv4(port), .flows = {}, .seed = plan.seed, .headers = plan.headers};
  scenario.flows.push_back(
      {.name = "new connections", .path = plan.path, .clients = 1000, .rate = plan.rate / 2});
  scenario.flows.push_back({.name = "keep-alive",
                            .kind = judge::Kind::keep_alive,
                            .path = plan.path,
                            .clients = 200,
                            .rate = plan.rate / 2});
  if (!plan.slow_path.empty()) {
    scenario.flows.push_back(
        {.name = "slow", .kind = judge::Kind::slow, .path = plan.slow_path, .clients = 8, .timeout = 30s});
  }
  if (!plan.upload_path.empty()) {
    scenario.flows.push_back({.name = "upload",
                              .kind = judge::Kind::upload,
                              .path = plan.upload_path,
                              .clients = 4,
                              .upload_bytes = 40'000,
                              .upload = {.bytes = 1000, .every = 10ms},
                              .timeout = 30s});
  }
  return scenario;
}

/// 0: no limit.
Time start_deadline(const RollingPlan& plan, Time from) {
  return plan.start_timeout == 0s ? Time::max() : from + plan.start_timeout;
}

}  // namespace

RollingRestart::RollingRestart(RollingPlan plan, std::function<void(const Progress& progress)> show)
    : plan_(std::move(plan)),
      show_(std::move(show)),
      random_(plan_.seed),
      interrupt_(loop_, [this] { give_up(interrupted_error()); }),
      fleet_(plan_, loop_),
      load_(users(plan_, fleet_.balancer().plan().port), loop_) {}

Result<judge::RollingEvidence> RollingRestart::run() {
  entered_ = sys::now();
  if (const auto started = fleet_.start_replicas(entered_); !started) {
    give_up(started.error());
  }
  loop_.on_batch([this](Time) { return tick(sys::now()); });
  loop_.run();
  if (error_) {
    return Failure(*error_);
  }
  return evidence();
}

Time RollingRestart::tick(Time now) {
  report_progress(now);
  look_for_losses();
  const Time stage_wake = step(now);
  const Time fleet_wake = fleet_.tick(now);
  const Time load_wake = load_.tick(now);
  return std::min({stage_wake, fleet_wake, load_wake, next_progress_});
}

Time RollingRestart::step(Time now) {
  switch (stage_) {
    case Stage::starting:
      return await_replicas(now);
    case Stage::joining:
      return await_balancer(now);
    case Stage::warming:
      return warm_up(now);
    case Stage::stopping:
      return await_exit(now);
    case Stage::clearing:
      return await_gone(now);
    case Stage::returning:
      return await_ready(now);
    case Stage::rejoining:
      return await_return(now);
    case Stage::resting:
      return rest(now);
    case Stage::cooling:
      return cool_down(now);
    case Stage::ending:
      return end(now);
  }
  return Time::max();
}

Time RollingRestart::enter(Stage stage, Time now) {
  stage_ = stage;
  entered_ = now;
  return now;
}

Time RollingRestart::await_replicas(Time now) {
  if (fleet_.all_ready()) {
    if (const auto started = fleet_.start_balancer(); !started) {
      return give_up(started.error());
    }
    fleet_.ask_routing(std::nullopt, now);
    return enter(Stage::joining, now);
  }
  const Time deadline = start_deadline(plan_, entered_);
  return now >= deadline ? give_up(fleet_.not_ready()) : deadline;
}

Time RollingRestart::await_balancer(Time now) {
  if (fleet_.routed(now)) {
    load_.start(now);
    return enter(Stage::warming, now);
  }
  if (now >= entered_ + kJoinTimeout) {
    return give_up(fleet_.not_routed());
  }
  return entered_ + kJoinTimeout;
}

Time RollingRestart::warm_up(Time now) {
  return now < entered_ + plan_.before ? entered_ + plan_.before : begin_restart(now);
}

Time RollingRestart::begin_restart(Time now) {
  if (round_.empty()) {
    round_.resize(plan_.replicas);
    std::iota(round_.begin(), round_.end(), std::size_t{0});
    std::shuffle(round_.begin(), round_.end(), random_);
  }
  at_ = round_.back();
  round_.pop_back();
  restarts_.push_back({.replica = static_cast<std::uint32_t>(at_ + 1), .signalled = now, .exit = {}});
  fleet_.replica(at_).signal(plan_.signal);
  return enter(Stage::stopping, now);
}

Time RollingRestart::await_exit(Time now) {
  const ServerProcess& process = fleet_.replica(at_).process();
  if (process.exited()) {
    restarts_.back().exited = process.exited_at();
    restarts_.back().exit = describe(*process.exited());
  } else if (now >= entered_ + plan_.grace) {
    restarts_.back().exited = now;
    restarts_.back().exit = fmt::format("killed after {:.0f} s", to_seconds(plan_.grace));
  } else {
    return entered_ + plan_.grace;
  }
  fleet_.replica(at_).end();
  return enter(Stage::clearing, now);
}

Time RollingRestart::await_gone(Time now) {
  if (fleet_.replica(at_).gone()) {
    if (const auto started = fleet_.replica(at_).start(now); !started) {
      return give_up(started.error());
    }
    return enter(Stage::returning, now);
  }
  if (now >= entered_ + kEndTimeout) {
    return give_up({.what = fmt::format("replica {} could not be killed", at_ + 1), .fix = {}});
  }
  return entered_ + kEndTimeout;
}

Time RollingRestart::await_ready(Time now) {
  if (fleet_.replica(at_).ready()) {
    restarts_.back().ready = now;
    fleet_.ask_routing(at_, now);
    return enter(Stage::rejoining, now);
  }
  const Time deadline = start_deadline(plan_, entered_);
  return now >= deadline ? give_up(fleet_.not_ready()) : deadline;
}

Time RollingRestart::await_return(Time now) {
  if (fleet_.routed(now)) {
    restarts_.back().routed = now;
    pause_ = Duration(std::uniform_int_distribution(kShortestPause.count(), kLongestPause.count())(random_));
    return enter(Stage::resting, now);
  }
  if (now >= entered_ + kJoinTimeout) {
    return give_up(fleet_.not_routed());
  }
  return entered_ + kJoinTimeout;
}

Time RollingRestart::rest(Time now) {
  if (now < entered_ + pause_) {
    return entered_ + pause_;
  }
  if (restarts_.size() < plan_.restarts) {
    return begin_restart(now);
  }
  load_.stop();
  return enter(Stage::cooling, now);
}

/// The clients' own timeouts bound it.
Time RollingRestart::cool_down(Time now) {
  return load_.under_way() > 0 ? Time::max() : enter(Stage::ending, now);
}

Time RollingRestart::end(Time now) {
  load_.stop();
  fleet_.end();
  if (fleet_.gone() || now >= entered_ + kEndTimeout) {
    loop_.stop();
  }
  return entered_ + kEndTimeout;
}

/// Stops nothing yet: it may be called amid a batch of events.
Time RollingRestart::give_up(Error error) {
  error_ = error_.value_or(std::move(error));
  return stage_ == Stage::ending ? entered_ : enter(Stage::ending, sys::now());
}

void RollingRestart::look_for_losses() {
  if (stage_ == Stage::ending) {
    return;
  }
  const bool told = stage_ == Stage::stopping || stage_ == Stage::clearing;
  if (auto error = fleet_.lost(told ? std::optional(at_) : std::nullopt)) {
    give_up(std::move(*error));
  }
}

void RollingRestart::report_progress(Time now) {
  if (now < next_progress_ || stage_ == Stage::ending) {
    return;
  }
  next_progress_ = now + kBetweenProgress;
  meter_.count(load_.observations());
  const std::string what =
      restarts_.empty()
          ? fmt::format("{} replicas behind {}", plan_.replicas, to_string(plan_.balancer))
          : fmt::format("restart {} of {}: replica {}", restarts_.size(), plan_.restarts, at_ + 1);
  show_({.what = what,
         .phase = phase(),
         .requests = meter_.seen().attempts(),
         .errors = judge::errors(meter_.seen())});
}

std::string_view RollingRestart::phase() const {
  switch (stage_) {
    case Stage::starting:
    case Stage::joining:
      return "start";
    case Stage::warming:
      return "are loaded";
    case Stage::stopping:
    case Stage::clearing:
      return "stops";
    case Stage::returning:
      return "starts";
    case Stage::rejoining:
      return "joins";
    default:
      return "is back";
  }
}

judge::RollingEvidence RollingRestart::evidence() const {
  judge::RollingEvidence result{.setup = {.title = plan_.title,
                                          .command = plan_.shown_command,
                                          .balancer = std::string(to_string(plan_.balancer)),
                                          .settings = telling_settings(fleet_.balancer().plan()),
                                          .replicas = plan_.replicas,
                                          .restarts = plan_.restarts,
                                          .rate = plan_.rate,
                                          .seed = plan_.seed},
                                .flows = {},
                                .restarts = restarts_,
                                .observations = load_.observations()};
  for (const Flow& flow : load_.scenario().flows) {
    result.flows.push_back({.name = flow.name, .kind = flow.kind, .path = flow.path});
  }
  return result;
}

}  // namespace lastcall::check
