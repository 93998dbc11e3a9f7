#include "check/trial_run.h"

#include <algorithm>
#include <utility>

#include "check/aftermath.h"
#include "check/place.h"
#include "check/ports.h"
#include "check/traffic.h"

namespace lastcall::check {
namespace {

using judge::Outcome;

constexpr Duration kWarmLimit = 5s;        // beyond Plan::duration, for a good answer to everything
constexpr Duration kSignalSpread = 500ms;  // the signal comes at a random instant within it
constexpr Duration kAlignLimit = 5s;       // for an instant at which everything is in flight
constexpr Duration kAlignSpread = 2ms;     // beyond the instant at which the last of it begins
constexpr Duration kRepeatLeast = 200ms;
constexpr Duration kRepeatSpread = 300ms;
constexpr Duration kAfterExit = 300ms;  // the port must be free
constexpr Duration kAfterGrace = 2s;    // for the end of one that was killed, or that we may not kill
constexpr Duration kSettleLimit = 1s;
constexpr Duration kEndLimit = 15s;  // what SIGKILL does not end hangs in the kernel
constexpr Duration kBetweenReports = 100ms;

std::uint64_t seed_of(const Plan& plan, std::uint32_t number) {
  return plan.seed ^ (number * 0x9e3779b97f4a7c15U);
}

sys::Address target_of(const Plan& plan) {
  sys::Address target = plan.target;
  if (target.port == 0) {
    target.port = lasting_port();
  }
  return target;
}

Prober::Plan questions(const Plan& plan, const Place& place, const sys::Address& server) {
  return {.target = place.target.port == 0 ? server : place.target,
          .host = place.host,
          .path = place.path,
          .headers = plan.headers};
}

bool is_good(const std::optional<judge::Probe>& probe) {
  return probe && probe->status >= 200 && probe->status < 300;
}

}  // namespace

TrialRun::TrialRun(const Plan& plan, std::uint32_t number, bool repeat, ShowProgress show)
    : plan_(plan),
      seed_(seed_of(plan, number)),
      random_(seed_),
      target_(target_of(plan)),
      interrupt_(loop_, [this] { give_up(interrupted_error()); }),
      server_(plan, loop_),
      start_(plan, target_, server_.process(), loop_),
      load_(traffic(plan, target_, seed_), loop_),
      show_(std::move(show)),
      repeat_(repeat) {
  trial_.number = number;
  trial_.seed = seed_;
  trial_.grace = plan.grace;
  for (const Flow& flow : load_.scenario().flows) {
    trial_.flows.push_back({flow.name, flow.kind, std::string(without_query(flow.path))});
  }
  if (plan.readiness) {
    readiness_.emplace(questions(plan, *plan.readiness, target_), loop_);
  }
  if (plan.liveness) {
    const Prober::Plan asked = questions(plan, *plan.liveness, target_);
    trial_.liveness_apart = asked.target != target_;
    liveness_.emplace(asked, loop_);
  }
}

Result<judge::Trial> TrialRun::execute() {
  if (auto started = server_.start(target_); !started) {
    return Failure(std::move(started).error());
  }
  const Time now = sys::now();
  enter(Stage::starting, now);
  start_.start(now);
  loop_.on_batch([this](Time) { return tick(sys::now()); });
  loop_.run();
  if (error_) {
    return Failure(*std::move(error_));
  }
  trial_.observations = load_.observations();
  trial_.departures = load_.departures();
  trial_.readiness = readiness_ ? readiness_->probes() : std::vector<judge::Probe>{};
  trial_.liveness = liveness_ ? liveness_->probes() : std::vector<judge::Probe>{};
  trial_.saturated = load_.saturated();
  if (trial_.process.exited) {
    trial_.process.port_held = port_held(trial_.observations, *trial_.process.exited);
  }
  return std::move(trial_);
}

Time TrialRun::tick(Time now) {
  Time next = Time::max();
  if (stage_ == Stage::starting) {
    next = start_.tick(now);
  } else {
    next = load_.tick(now);
    for (auto* prober : {&readiness_, &liveness_}) {
      next = *prober ? std::min(next, (*prober)->tick(now)) : next;
    }
  }
  meter_.count(load_.observations());
  return std::min({next, step(now), report(now)});
}

Time TrialRun::step(Time now) {
  switch (stage_) {
    case Stage::starting:
      return await_answer(now);
    case Stage::warming:
      return warm_up(now);
    case Stage::aligning:
      return align(now);
    case Stage::watching:
      return watch(now);
    case Stage::settling:
      return settle(now);
    case Stage::ending:
      return await_end(now);
  }
  return Time::max();
}

void TrialRun::enter(Stage stage, Time now) {
  stage_ = stage;
  entered_ = now;
}

Time TrialRun::await_answer(Time now) {
  if (start_.answers()) {
    start_load(now);
    enter(Stage::warming, now);
    return now;
  }
  if (auto error = start_.hopeless(now)) {
    return give_up(*std::move(error));
  }
  return plan_.start_timeout == 0s ? Time::max() : entered_ + plan_.start_timeout;
}

void TrialRun::start_load(Time now) {
  trial_.began = now;
  load_.start(now);
  for (auto* prober : {&readiness_, &liveness_}) {
    if (*prober) {
      (*prober)->start(now);
    }
  }
}

Time TrialRun::warm_up(Time now) {
  if (server_.exited()) {
    return give_up(server_.ended_early());
  }
  const Time limit = entered_ + plan_.duration + kWarmLimit;
  if (now < entered_ + plan_.duration) {
    return entered_ + plan_.duration;
  }
  if (!is_warm() && now < limit) {
    return limit;
  }
  enter(Stage::aligning, now);
  signal_at_ = now + random_up_to(kSignalSpread);
  return signal_at_;
}

/// Everything asked has been answered well before. What never is will not be, and the judge says so.
bool TrialRun::is_warm() const {
  for (std::uint32_t flow = 0; flow < trial_.flows.size(); ++flow) {
    if (load_.state(flow).good == 0) {
      return false;
    }
  }
  return !readiness_ || is_good(readiness_->latest());
}

Time TrialRun::align(Time now) {
  if (server_.exited()) {
    return give_up(server_.ended_early());
  }
  if (now < signal_at_) {
    return signal_at_;
  }
  const Time limit = entered_ + kSignalSpread + kAlignLimit;
  if (!all_in_flight() && now < limit) {
    aligned_ = false;
    return limit;
  }
  // The instant at which the last of it begins is not a random one.
  if (!std::exchange(aligned_, true)) {
    signal_at_ = now + random_up_to(kAlignSpread);
    return signal_at_;
  }
  send_signal();
  enter(Stage::watching, trial_.signalled());
  repeat_at_ = repeat_ ? entered_ + kRepeatLeast + random_up_to(kRepeatSpread) : Time::max();
  return entered_;
}

bool TrialRun::all_in_flight() const {
  for (std::uint32_t flow = 0; flow < trial_.flows.size(); ++flow) {
    if (is_awaited(trial_.flows[flow].kind) && load_.state(flow).in_flight == 0) {
      return false;
    }
  }
  return true;
}

// What this very tick has begun, began before the signal.
void TrialRun::send_signal() {
  const Time now = sys::now();
  trial_.signals.push_back({now, plan_.signal});
  server_.signal();
  load_.note_signal();
  meter_.note_signal();
  next_report_ = now;  // what is in flight now is worth telling
}

Time TrialRun::watch(Time now) {
  const Time exit = server_.exited_at();
  const Time grace_ends = entered_ + plan_.grace;
  if (exit != Time::max() ? now >= exit + kAfterExit : now >= grace_ends + kAfterGrace) {
    stop_load(now);
    return now;
  }
  if (exit != Time::max()) {
    return exit + kAfterExit;
  }
  if (now >= grace_ends) {
    killed_ = plan_.starts_server();
    server_.end();
    return grace_ends + kAfterGrace;
  }
  if (now < repeat_at_) {
    return std::min(repeat_at_, grace_ends);
  }
  // A repeat that meets nothing in flight would say nothing.
  if (load_.under_way() > 0) {
    send_signal();
    repeat_at_ = Time::max();
  }
  return grace_ends;
}

void TrialRun::stop_load(Time now) {
  trial_.load_ended = now;
  load_.stop();
  for (auto* prober : {&readiness_, &liveness_}) {
    if (*prober) {
      (*prober)->stop();
    }
  }
  enter(Stage::settling, now);
}

Time TrialRun::settle(Time now) {
  if (load_.under_way() > 0 && now < entered_ + kSettleLimit) {
    return entered_ + kSettleLimit;
  }
  load_.abandon();
  trial_.process = server_.aftermath(killed_);
  server_.end();
  enter(Stage::ending, now);
  return now;
}

Time TrialRun::await_end(Time now) {
  if (server_.gone() || now >= entered_ + kEndLimit) {
    loop_.stop();
  }
  return entered_ + kEndLimit;
}

Time TrialRun::give_up(Error error) {
  error_ = error_.value_or(std::move(error));
  load_.stop();
  server_.end();
  enter(Stage::ending, sys::now());
  return entered_;
}

Time TrialRun::report(Time now) {
  if (now < next_report_) {
    return next_report_;
  }
  next_report_ = now + kBetweenReports;
  if (stage_ == Stage::ending) {
    return Time::max();
  }
  Progress progress{.trial = trial_.number,
                    .trials = plan_.trials,
                    .serving = stage_ != Stage::starting,
                    .answered = meter_.seen()[Outcome::ok],
                    .lost = meter_.seen().lost()};
  if (!trial_.signals.empty()) {
    progress.since_signal = now - trial_.signalled();
    progress.signal = plan_.signal;
  }
  for (std::uint32_t flow = 0; progress.serving && flow < trial_.flows.size(); ++flow) {
    const std::size_t count = load_.state(flow).in_flight;
    if (count > 0 && is_awaited(trial_.flows[flow].kind)) {
      progress.in_flight.push_back({trial_.flows[flow].kind, count});
    }
  }
  show_(progress);
  return next_report_;
}

Duration TrialRun::random_up_to(Duration most) {
  return Duration(std::uniform_int_distribution<Duration::rep>(0, most.count())(random_));
}

}  // namespace lastcall::check
