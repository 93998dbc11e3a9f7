#include "demo_run.h"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

namespace lastcall::demo {
namespace {

constexpr Duration kWarmUp = 1500ms;
constexpr Duration kStartLimit = 15s;
constexpr Duration kStopLimit = 30s;
constexpr Duration kEndLimit = 5s;
constexpr Duration kBetweenProgress = 100ms;
constexpr std::size_t kLinesOfOutput = 20;

check::Scenario probe(std::uint16_t port) {
  return {.target = sys::loopback_ipv4(port), .flows = {{.name = "probe", .timeout = 5s}}};
}

/// Enough clients that nobody has to wait for another's answer, which may take a second.
check::Scenario users(std::uint16_t port) {
  return {
      .target = sys::loopback_ipv4(port),
      .flows = {{.name = "new connections", .clients = 2000, .rate = kRate / 2},
                {.name = "keep-alive", .kind = judge::Kind::keep_alive, .clients = 500, .rate = kRate / 2}}};
}

}  // namespace

Run::Run(RunPlan plan, Progress progress)
    : plan_(std::move(plan)),
      progress_(std::move(progress)),
      interrupt_(loop_, [this] { give_up(check::interrupted_error()); }),
      service_(loop_),
      probe_(probe(plan_.port), loop_),
      load_(users(plan_.port), loop_) {}

Result<RunResult> Run::execute() {
  if (const auto started = service_.start(plan_.command); !started) {
    return Failure(started.error());
  }
  entered_ = sys::now();
  probe_.start(entered_);
  loop_.on_batch([this](Time) { return tick(sys::now()); });
  loop_.run();
  if (error_) {
    return Failure(*error_);
  }
  return result();
}

Time Run::tick(Time now) {
  report_progress(now);
  const Time stage_wake = step(now);
  const Time load_wake = load().tick(now);
  return std::min({stage_wake, load_wake, next_progress_});
}

Time Run::step(Time now) {
  switch (stage_) {
    case Stage::starting:
      return await_answer(now);
    case Stage::warming:
      return warm_up(now);
    case Stage::watching:
      return watch(now);
    case Stage::settling:
      return settle(now);
    case Stage::ending:
      return end(now);
  }
  return Time::max();
}

void Run::enter(Stage stage, Time now) {
  stage_ = stage;
  entered_ = now;
}

Time Run::await_answer(Time now) {
  const auto& seen = probe_.observations();
  if (!seen.empty() && seen.back().outcome == judge::Outcome::ok) {
    probe_.stop();
    enter(Stage::warming, now);
    load_.start(now);
    return now;
  }
  if (service_.exited()) {
    return give_up_on_service("the app ended before it answered");
  }
  if (now >= entered_ + kStartLimit) {
    return give_up_on_service(fmt::format("the app did not answer on port {} ($PORT)", plan_.port));
  }
  return entered_ + kStartLimit;
}

Time Run::warm_up(Time now) {
  if (now < entered_ + kWarmUp) {
    return entered_ + kWarmUp;
  }
  send_signal(now);
  enter(Stage::watching, now);
  return now;
}

void Run::send_signal(Time now) {
  signalled_ = now;
  if (plan_.order == Order::app) {
    service_.signal_descendants(SIGTERM);
  } else {
    service_.signal(SIGTERM);
  }
}

Time Run::watch(Time now) {
  if (now < entered_ + kWindow) {
    return entered_ + kWindow;
  }
  load_.stop();
  enter(Stage::settling, now);
  return now;
}

Time Run::settle(Time now) {
  if (load_.under_way() == 0 && service_.exited()) {
    service_.end();
    enter(Stage::ending, now);
    return now;
  }
  if (now >= entered_ + kStopLimit) {
    return give_up_on_service(
        fmt::format("the app had not ended {} s after SIGTERM", to_seconds(kStopLimit + kWindow)));
  }
  return entered_ + kStopLimit;
}

Time Run::end(Time now) {
  if (service_.gone() || now >= entered_ + kEndLimit) {
    loop_.stop();
  }
  return entered_ + kEndLimit;
}

Time Run::give_up(Error error) {
  error_ = error_.value_or(std::move(error));
  probe_.stop();
  load_.stop();
  service_.end();
  enter(Stage::ending, sys::now());
  return entered_;
}

Time Run::give_up_on_service(std::string what) {
  const std::string_view said = check::last_lines(service_.output(), kLinesOfOutput);
  return give_up({.what = std::move(what), .fix = "its output: " + std::string(said)});
}

void Run::report_progress(Time now) {
  if (now < next_progress_) {
    return;
  }
  next_progress_ = now + kBetweenProgress;
  const judge::Tally all = judge::tally(load_.observations(), Time::min());
  const std::string counts = fmt::format("{} attempts, {} answered", all.attempts(), all[judge::Outcome::ok]);
  if (stage_ == Stage::starting) {
    progress_("waiting for the app");
  } else if (stage_ == Stage::warming) {
    progress_(counts);
  } else if (!error_) {
    progress_(fmt::format("{:.1f} s after SIGTERM: {}", to_seconds(now - signalled_), counts));
  }
}

RunResult Run::result() const {
  const auto& all = load_.observations();
  const auto refused_early = [this](const judge::Observation& one) {
    return one.outcome == judge::Outcome::refused && one.ended >= signalled_ &&
           one.started < signalled_ + kRouted;
  };
  return {.seen = judge::tally(all, signalled_),
          .refused_early = static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), refused_early)),
          .lag = judge::lag(all),
          .took = service_.exited_at() - signalled_,
          .output = service_.output()};
}

}  // namespace lastcall::demo
