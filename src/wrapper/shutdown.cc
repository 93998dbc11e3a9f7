#include "wrapper/shutdown.h"

#include <csignal>
#include <utility>

#include "base/signal_name.h"
#include "wrapper/exit_status.h"

namespace lastcall::wrapper {
namespace {

enum StepIndex : drain::StepId { kListener, kRequests, kApp, kLinger };

std::vector<drain::StepSpec> steps() {
  return {{.name = "listener", .phase = drain::Phase::draining},
          {.name = "requests", .phase = drain::Phase::draining},
          {.name = "app", .phase = drain::Phase::stopping},
          {.name = "linger", .phase = drain::Phase::stopping, .courtesy = true}};
}

constexpr const char* kUsualWays = "systemd: KillMode=mixed; else signal the process, not its group";

}  // namespace

Shutdown::Shutdown(Options options, drain::Drainable& drainable, Child& child, const log::Logger& logger,
                   std::function<void()> finished)
    : coordinator_({options.budget, steps()}, sys::now()),
      options_(options),
      drainable_(drainable),
      child_(child),
      logger_(logger),
      finished_(std::move(finished)) {}

void Shutdown::app_started() {
  app_.started = true;
  logger_.info("app_started", {{"pid", child_.pid()}});
}

void Shutdown::app_ready() {
  if (coordinator_.begun()) {
    return;
  }
  drainable_.app_ready();
  feed(drain::Started{});
}

void Shutdown::begin(drain::Begin event, int signal) {
  if (received_signal_ == 0) {
    received_signal_ = signal;
  }
  feed(std::move(event));
}

void Shutdown::force(std::string cause) {
  logger_.warn("drain_forced", {{"cause", cause}});
  feed(drain::Force{std::move(cause)});
}

void Shutdown::app_exited(sys::ExitStatus exit) {
  (exit.signalled ? app_.signal : app_.exit_status) = exit.value;
  const std::string how = describe_exit(app_);
  const bool crashed = exit.signalled && !is_stop_signal(exit.value);
  const bool asked = app_.killed || (app_.signalled && exit.value == stop_signal());
  const bool unasked = crashed ? !asked : !app_.signalled && !coordinator_.begun();
  const bool failed = exit.signalled || exit.value != 0;
  const log::Field fields[] = {{"pid", child_.pid()}, {"how", how}};
  logger_.write(unasked && failed ? log::Level::error : log::Level::info, "app_exited", fields);
  app_.exited_by_itself = unasked;
  if (!app_.signalled) {
    app_.signalled_by_others =
        app_.signalled_by_others || (!crashed && (coordinator_.begun() || exit.signalled));
    feed(drain::Begin{.cause = "app " + how, .lame_duck = false, .drain_cap = kOrphanedDrain});
    note_unasked_exit();
  }
  app_.exited = since_begin();
}

void Shutdown::note_unasked_exit() {
  drainable_.app_ended();
  if (app_.signalled_by_others && !told_of_others_) {
    tell_of_others("it " + describe_exit(app_));
  }
}

void Shutdown::app_stopping(std::string_view how) {
  if (coordinator_.begun() && child_.running() && !app_.signalled && !app_.signalled_by_others) {
    app_.signalled_by_others = true;
    tell_of_others(how);
  }
}

void Shutdown::tell_of_others(std::string_view how) {
  told_of_others_ = true;
  const std::string& ways = options_.signal_us_alone;
  app_.others_fix = "have only lastcall signalled (" + (ways.empty() ? std::string(kUsualWays) : ways) + ")";
  logger_.warn("app_signalled_by_others", {{"how", how}, {"hint", *app_.others_fix}});
}

void Shutdown::app_gone(std::uint64_t descendants_killed) {
  const bool left_well = app_.exited_by_itself && app_.exit_status == 0;
  if (left_well && descendants_killed > 0) {
    logger_.warn("app_in_background",
                 {{"processes", descendants_killed},
                  {"hint",
                   "it ended and left them running: a program that puts itself into the background must "
                   "be told not to, as nginx by -g 'daemon off;'"}});
  }
  app_.descendants_killed = descendants_killed;
  feed(drain::StepEnded{kApp});
}

Time Shutdown::tick(Time now) {
  if (now >= coordinator_.next_wake()) {
    feed(drain::Tick{});
  }
  return coordinator_.next_wake();
}

int Shutdown::stop_signal() const {
  const int received = received_signal_ != 0 ? received_signal_ : SIGTERM;
  return options_.stop_signal.value_or(received);
}

drain::DrainReport Shutdown::report() const {
  drain::DrainReport report = coordinator_.report();
  report.traffic = drainable_.traffic();
  report.app = app_;
  return report;
}

void Shutdown::redialled() {
  feed(drain::Redialled{});
}

void Shutdown::listener_closed() {
  feed(drain::StepEnded{kListener});
}

void Shutdown::drained() {
  feed(drain::StepEnded{kRequests});
}

void Shutdown::lingered() {
  feed(drain::StepEnded{kLinger});
}

/// An action may bring the next event about before it returns: that one waits its turn.
void Shutdown::feed(drain::Event event) {
  events_.push_back(std::move(event));
  if (std::exchange(feeding_, true)) {
    return;
  }
  while (!events_.empty()) {
    const drain::Event next = std::move(events_.front());
    events_.pop_front();
    for (const drain::Action& action : coordinator_.step(next, sys::now())) {
      std::visit([this](const auto& what) { carry_out(what); }, action);
    }
    log_phase();
  }
  feeding_ = false;
}

void Shutdown::carry_out(const drain::EnterPhase&) {
  if (coordinator_.begun() && !std::exchange(told_of_begin_, true)) {
    tell_of_begin();
  }
}

/// After the actions: a slow reader of the log must not hold the app's signal up (LC105).
void Shutdown::log_phase() {
  const drain::Phase phase = coordinator_.phase();
  if (std::exchange(logged_phase_, phase) != phase) {
    logger_.info("phase", {{"phase", drain::to_string(phase)}});
  }
}

void Shutdown::tell_of_begin() {
  drainable_.unready();
  const drain::Budget& budget = coordinator_.budget();
  const drain::InFlight in_flight = drainable_.in_flight();
  logger_.info("drain_begin", {{"cause", coordinator_.report().cause},
                               {"in_flight", in_flight.requests + in_flight.tunnels},
                               {"drain_ms", to_milliseconds(budget.drain_deadline - budget.start)},
                               {"deadline_ms", to_milliseconds(budget.deadline - budget.start)}});
  if (options_.notify_signal) {
    child_.signal(*options_.notify_signal);
  }
}

void Shutdown::carry_out(const drain::Announce&) {
  drainable_.announce();
}

void Shutdown::carry_out(const drain::StartStep& action) {
  switch (action.step) {
    case kListener:
      drainable_.close_listener();
      break;
    case kRequests:
      drainable_.drain(action.deadline);
      break;
    case kApp:
      stop_app(action.deadline);
      break;
    default:
      break;  // lingering closes have been under way since each response
  }
}

void Shutdown::carry_out(const drain::AbandonStep& action) {
  if (action.step == kApp) {
    kill_app(action.reason);
  } else if (action.step != kLinger && !std::exchange(cut_, true)) {
    drainable_.cut(action.reason.c_str());
  }
}

void Shutdown::carry_out(const drain::Finish&) {
  finished_();
}

void Shutdown::stop_app(Time deadline) {
  if (!child_.running()) {
    return;
  }
  const Time now = sys::now();
  // An app that ends takes along what the drain waits for: our signal may come before the news of that end.
  const bool ended_before = child_.ending();
  child_.stop(stop_signal(), now, deadline);
  if (ended_before) {
    return;
  }
  app_.signalled = since_begin();
  drainable_.app_gone();
  logger_.info("app_signalled", {{"pid", child_.pid()},
                                 {"signal", signal_name(stop_signal())},
                                 {"time_left_ms", to_milliseconds(deadline - now)}});
}

void Shutdown::kill_app(const std::string& reason) {
  if (child_.running()) {
    app_.killed = true;
    logger_.warn("app_killed", {{"pid", child_.pid()}, {"reason", reason}});
  }
  child_.kill();
}

Duration Shutdown::since_begin() const {
  return sys::now() - coordinator_.budget().start;
}

}  // namespace lastcall::wrapper
