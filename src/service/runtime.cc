#include "service/runtime.h"

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "base/signal_name.h"
#include "base/units.h"
#include "report/drain_report.h"
#include "service/kernel_signals.h"
#include "service/step_plan.h"
#include "service/system_clock.h"
#include "sys/sys.h"

namespace lastcall::service {

namespace {

/// The machine keeps no more of them either.
constexpr std::size_t kMaxCauses = 1 + drain::Coordinator::kMaxFurtherCauses;

/// Once forced, run() is over in a few last waits; wherever else main() may hang, nobody waits for it longer.
constexpr Duration kForced = 3s;

void write_to_standard_error(std::string_view line) {
  sys::write_all(2, line);
}

/// A log that throws costs its line, and not the shutdown.
std::function<void(std::string_view)> guarded(std::function<void(std::string_view)> log) {
  return [log = std::move(log)](std::string_view line) {
    try {
      log(line);
    } catch (...) {
      write_to_standard_error(line);
    }
  };
}

Options completed(Options options, const Settings& settings) {
  const drain::BudgetPlan& plan = settings.plan;
  options.grace = plan.grace;
  options.drain = plan.drain;
  options.cleanup = plan.app_stop;
  options.abort_notice = plan.abort_notice;
  options.lame_duck = LameDuck{plan.lame_duck.min, plan.lame_duck.quiet, plan.lame_duck.max};
  if (!options.clock) {
    options.clock = std::make_shared<SystemClock>();
  }
  options.log = options.log ? guarded(std::move(options.log)) : write_to_standard_error;
  return options;
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::create(Options options) {
  Result<Settings> settings = resolve(options, read_outside());
  if (!settings) {
    return Failure(std::move(settings).error());
  }
  options = completed(std::move(options), *settings);
  try {
    return make(std::move(options), std::move(*settings));
  } catch (const std::system_error& error) {
    return failure(std::string("cannot start a thread: ") + error.what(), "raise the limit of processes");
  }
}

Result<std::unique_ptr<Runtime>> Runtime::make(Options options, Settings settings) {
  std::unique_ptr<Watchdog> watchdog;
  if (options.watchdog) {
    Result<std::unique_ptr<Watchdog>> made = Watchdog::create();
    if (!made) {
      return Failure(std::move(made).error());
    }
    watchdog = std::move(*made);
  }
  std::shared_ptr<KernelSignals> kernel_signals;
  if (options.handle_signals && !options.signals) {
    const Result<std::shared_ptr<KernelSignals>> signals = KernelSignals::create();
    if (!signals) {
      return Failure(signals.error());
    }
    options.signals = *signals;
    kernel_signals = *signals;
  }
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(options), std::move(settings), std::move(watchdog)));
  runtime->kernel_signals_ = std::move(kernel_signals);
  if (runtime->options_.handle_signals) {
    runtime->options_.signals->start([self = runtime.get()](int signal) { self->on_signal(signal); });
  }
  return runtime;
}

Runtime::Runtime(Options options, Settings settings, std::unique_ptr<Watchdog> watchdog)
    : options_(std::move(options)),
      settings_(std::move(settings)),
      logger_(log::Level::info, log::Format::text, options_.log, sys::wall_clock_ms),
      watchdog_(std::move(watchdog)),
      inbox_(std::make_shared<Inbox>(options_.clock)),
      board_(std::make_shared<HealthBoard>(options_.clock)),
      health_(board_),
      hub_(*options_.clock) {}

Runtime::~Runtime() {
  if (kernel_signals_ && is_shutting_down()) {
    kernel_signals_->keep_sigterm();
  }
  if (options_.handle_signals) {
    options_.signals->stop();
  }
  static_cast<void>(board_->close());
}

WorkScope& Runtime::scope(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = scopes_.find(name);
  if (found != scopes_.end()) {
    return found->second.scope;
  }
  auto work = std::make_unique<WorkRegister>(std::string(name), options_.clock);
  if (budget_) {
    work->mark();
  }
  if (frozen_) {
    work->close([] {});
  }
  return scopes_.try_emplace(std::string(name), std::move(work)).first->second.scope;
}

Result<void> Runtime::add_step(Step step, StepWork work) {
  const std::string name = step.name;
  std::unique_lock lock(mutex_);
  Result<void> added = add_locked(std::move(step), std::move(work));
  lock.unlock();
  log_if_refused(name, added);
  return added;
}

/// Without the lock: the log may ask us something.
void Runtime::log_if_refused(const std::string& name, const Result<void>& added) const {
  if (!added) {
    logger_.error("step_refused", {{"step", name}, {"reason", added.error().what}});
  }
}

Result<void> Runtime::add_locked(Step step, StepWork work) {
  if (frozen_) {
    return failure("the step \"" + step.name + "\" comes too late: the shutdown is under way",
                   "do now what it would have done");
  }
  if (Result<void> checked = check_step(step, steps_); !checked) {
    return checked;
  }
  steps_.push_back({std::move(step), std::move(work)});
  return {};
}

Result<void> Runtime::add_server(Server server) {
  Result<void> added = add_steps_of(server);
  log_if_refused(server.name, added);
  if (added && server.announce) {
    on_announce(std::move(server.announce));
  }
  return added;
}

/// Both or none.
Result<void> Runtime::add_steps_of(Server& server) {
  const auto work = [](std::function<void(const StepContext&)> run) {
    return StepWork{.run = [run = std::move(run)](const StepContext& context) -> Result<void> {
      run(context);
      return {};
    }};
  };
  const std::lock_guard lock(mutex_);
  if (Result<void> checked = check_server(server.name, steps_); !checked) {
    return checked;
  }
  const std::size_t before = steps_.size();
  Result<void> added;
  if (server.close_listener) {
    added = add_locked({.name = server.name + " listener", .stage = Stage::intake},
                       work(std::move(server.close_listener)));
  }
  if (added && server.drain) {
    added = add_locked({.name = server.name + " connections", .stage = Stage::connections},
                       work(std::move(server.drain)));
  }
  if (!added) {
    steps_.resize(before);
  }
  return added;
}

void Runtime::on_announce(std::function<void()> announce) {
  {
    const std::lock_guard lock(mutex_);
    if (!announced_) {
      announcements_.push_back(std::move(announce));
      return;
    }
  }
  announce();
}

void Runtime::started() {
  const std::lock_guard lock(mutex_);
  if (!budget_) {
    enter(Phase::serving);
  }
}

void Runtime::enter(Phase phase) {
  phase_ = phase;
  board_->enter(phase);
}

void Runtime::redialled() {
  inbox_->post(drain::Redialled{});
}

void Runtime::on_signal(int signal) {
  interrupts_ += signal == SIGINT ? 1 : 0;
  if (is_shutting_down() && (signal == SIGQUIT || interrupts_ > 1)) {
    force(signal == SIGQUIT ? "SIGQUIT while draining" : "second SIGINT");
  } else {
    begin(signal_name(signal));
  }
}

void Runtime::begin(std::string cause) {
  const std::lock_guard lock(mutex_);
  begin_locked(cause);
}

void Runtime::begin_locked(const std::string& cause) {
  if (budget_) {
    if (causes_++ < kMaxCauses) {
      inbox_->post(drain::Begin{.cause = cause});
    }
    return;
  }
  cause_ = cause;
  const Time now = options_.clock->now();
  budget_ = drain::begin(settings_.plan, now);
  // Whoever has not said that it serves has nobody to wait for (LC101).
  const bool lame_duck = phase_ == Phase::serving && settings_.plan.lame_duck.max > 0s;
  enter(lame_duck ? Phase::lame_duck : Phase::draining);
  watch_for(budget_->deadline - now);
  for (auto& [name, scope] : scopes_) {
    scope.at_signal = scope.work->in_flight();
    scope.work->mark();
  }
  inbox_->post(drain::Begin{.cause = cause, .lame_duck = lame_duck, .at = now});
  notifier_.post([this] { hub_.request_draining(); });
  if (!run_called_) {
    // drain_begin may be long in coming. Not here: signals must not wait for a slow reader of the log.
    notifier_.post(
        [this] { logger_.info("shutdown_requested", {{"cause", cause_}, {"waits_for", "run()"}}); });
  }
}

void Runtime::watch_for(Duration until_over) {
  if (watchdog_) {
    watchdog_->arm(sys::now() + until_over + settings_.plan.reserve / 4 * 3);
  }
}

void Runtime::force(std::string cause) {
  const std::lock_guard lock(mutex_);
  if (!budget_) {
    begin_locked(cause);
  }
  const bool first = !std::exchange(forced_, true);
  if (first) {
    watch_for(kForced);
    unwinder_.post([this] { hub_.request_abort(); });
  }
  if (first || causes_++ < kMaxCauses) {
    inbox_->post(drain::Force{.cause = std::move(cause)});
  }
}

Time Runtime::drain_deadline() const {
  const std::lock_guard lock(mutex_);
  return budget_ ? budget_->drain_deadline : Time::max();
}

std::vector<std::string> Runtime::warnings() const {
  std::vector<std::string> all = settings_.warnings;
  const std::lock_guard lock(mutex_);
  std::ranges::move(budget_warnings(steps_, settings_.plan), std::back_inserter(all));
  return all;
}

void Runtime::announce() {
  std::vector<std::function<void()>> announcements;
  {
    const std::lock_guard lock(mutex_);
    announced_ = true;
    announcements.swap(announcements_);
  }
  for (std::function<void()>& one : announcements) {
    notifier_.post([this, call = std::move(one)] {
      try {
        call();
      } catch (...) {
        logger_.warn("announcement_failed");
      }
    });
  }
}

std::deque<Inbox::Letter> Runtime::await_begin() {
  std::deque<Inbox::Letter> letters;
  const auto begins = [](const Inbox::Letter& one) {
    return std::holds_alternative<drain::Begin>(one.event);
  };
  while (std::ranges::none_of(letters, begins)) {
    letters = inbox_->take(Time::max());
  }
  return letters;
}

ShutdownRun::Parts Runtime::freeze() {
  std::vector<RegisteredScope> scopes;
  const std::lock_guard lock(mutex_);
  frozen_ = true;
  scopes.reserve(scopes_.size());
  for (const auto& [name, scope] : scopes_) {
    scopes.push_back({.work = scope.work, .at_signal = scope.at_signal});
  }
  return {.plan = settings_.plan,
          .start = budget_->start,
          .steps = std::move(steps_),
          .scopes = std::move(scopes),
          .inbox = inbox_,
          .clock = options_.clock,
          .unwinder = unwinder_,
          .logger = logger_,
          .entered = [this](Phase phase) { enter(std::max(phase, phase_.load())); },
          .announced = [this] { announce(); },
          .aborted = [this] { unwinder_.post([this] { hub_.request_abort(); }); }};
}

drain::DrainReport Runtime::run() {
  LASTCALL_ASSERT(!run_called_.exchange(true));
  if (watchdog_) {
    watchdog_->run_called();
  }
  for (const std::string& warning : warnings()) {
    logger_.warn("plan", {{"warning", warning}});
  }
  started();
  const std::deque<Inbox::Letter> letters = await_begin();
  ShutdownRun shutdown(freeze());
  log_begin();
  drain::DrainReport report = shutdown.run(letters);
  report.work->left_running |= board_->close();
  report.exit_status = report.clean() ? 0 : 1;
  logger_.write(report.clean() ? log::Level::info : log::Level::warn, "drain_report",
                report::to_log_fields(report));
  return report;
}

/// Without the lock: the log is the service's own, and may ask us something. What is told here does not
/// change any more.
void Runtime::log_begin() const {
  logger_.info("drain_begin", {{"cause", cause_},
                               {"drain_ms", to_milliseconds(settings_.plan.drain)},
                               {"deadline_ms", to_milliseconds(budget_->deadline - budget_->start)},
                               {"grace_ms", to_milliseconds(settings_.plan.grace)},
                               {"grace_from", settings_.grace_source}});
}

}  // namespace lastcall::service
