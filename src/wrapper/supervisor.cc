#include "wrapper/supervisor.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/assert.h"
#include "base/signal_name.h"
#include "base/units.h"
#include "wrapper/exit_status.h"

namespace lastcall::wrapper {
namespace {

constexpr int kStandardError = 2;

/// What to do about an app that is never ready.
const char* hint_of(const ReadySettings& settings, const ReadyCheck& check, bool listens) {
  if (settings.kind == ReadySettings::Kind::notify) {
    return "does the app know sd_notify? else see --ready-check";
  }
  if (check.said_no()) {
    return "the app answers there, but with no 2xx or 3xx: is it the right path for --ready-check?";
  }
  return listens ? "name the app's address with --upstream or --app-port"
                 : "does the app listen there? see --app-port, --upstream, --start-timeout";
}

}  // namespace

/// Signals as events of the loop.
class Supervisor::SignalReader final : public net::Handler {
 public:
  SignalReader(net::Loop& loop, Supervisor& owner)
      : loop_(loop), owner_(owner), fd_(sys::signal_fd_create()) {
    LASTCALL_ASSERT(fd_ && loop_.watch(fd_.get(), sys::kReadable, *this) == 0);
  }

  ~SignalReader() override { loop_.unwatch(fd_.get()); }

  SignalReader(const SignalReader&) = delete;
  SignalReader& operator=(const SignalReader&) = delete;

  void on_events(std::uint32_t) override { owner_.read_signals(); }

  std::optional<sys::Signal> next() { return sys::next_signal(fd_.get()); }

 private:
  net::Loop& loop_;
  Supervisor& owner_;
  sys::UniqueFd fd_;
};

Supervisor::Supervisor(Settings settings, net::Loop& loop, drain::Drainable& drainable,
                       const log::Logger& logger)
    : settings_(std::move(settings)),
      loop_(loop),
      drainable_(drainable),
      logger_(logger),
      child_(loop, settings_.signal_target, *this),
      ready_check_(loop, settings_.ready, settings_.upstream, [this] { on_ready(); }),
      live_check_(loop, {.kind = ReadySettings::Kind::path, .path = settings_.live_path}, settings_.upstream,
                  [] {}),
      shutdown_({settings_.budget, settings_.stop_signal, settings_.notify_signal, settings_.signal_us_alone},
                drainable, child_, logger, [this] { finish(); }),
      progress_(settings_.progress ? kStandardError : -1),
      notices_(loop, child_, *this),
      manager_(settings_.manager, logger) {}

Supervisor::~Supervisor() = default;

Result<void> Supervisor::start() {
  sys::become_subreaper();
  std::vector<std::string> environment = settings_.environment;
  if (settings_.ready.kind == ReadySettings::Kind::notify) {
    if (Result<void> opened = notices_.open(); !opened) {
      return opened;
    }
    environment.push_back("NOTIFY_SOCKET=" + notices_.name());
  }
  Result<void> started = child_.start({settings_.argv, environment, settings_.foreground});
  if (!started) {
    return started;
  }
  shutdown_.app_started();
  const Time now = sys::now();
  if (settings_.start_timeout > Duration::zero()) {
    start_deadline_ = now + settings_.start_timeout;
  }
  ready_check_.start(now);
  signals_ = std::make_unique<SignalReader>(loop_, *this);
  return {};
}

Time Supervisor::tick(Time now) {
  if (now >= start_deadline_) {
    give_up_starting();
  }
  if (coordinator().phase() >= drain::Phase::stopping) {
    ready_check_.stop();
  }
  // The shutdown first: what it starts may set the others' timers.
  const Time shutdown_due = shutdown_.tick(now);
  return std::min({start_deadline_, shutdown_due, child_.tick(now), ready_check_.tick(now),
                   live_check_.tick(now), tick_progress(now), tick_unready(now), tick_manager(now)});
}

drain::Readiness Supervisor::readiness() const {
  return {.phase = coordinator().phase(),
          .app_answers = ready_check_.answers(),
          .unready = unready_,
          .while_lame_duck = settings_.ready_while_delay,
          .app_lives = settings_.live_path.empty() || live_check_.answers()};
}

bool Supervisor::set_unready(bool unready) {
  if (coordinator().begun()) {
    return false;
  }
  if (std::exchange(unready_, unready) == unready) {
    return true;
  }
  logger_.info("rotation", {{"unready", unready}});
  announce_at_ = unready ? sys::now() + settings_.budget.lame_duck.min : Time::max();
  drainable_.set_rotation(unready ? drain::Rotation::unready : drain::Rotation::in);
  return true;
}

Time Supervisor::tick_unready(Time now) {
  if (now >= announce_at_) {
    announce_at_ = Time::max();
    drainable_.set_rotation(drain::Rotation::announced);
  }
  return announce_at_;
}

void Supervisor::read_signals() {
  while (const std::optional<sys::Signal> signal = signals_->next()) {
    on_signal(*signal);
  }
}

void Supervisor::on_signal(const sys::Signal& signal) {
  switch (signal.number) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
      logger_.info("signal", {{"signal", signal_name(signal.number)}, {"sender", signal.sender}});
      on_stop_signal(signal.number);
      break;
    case SIGCHLD:
      reap();
      break;
    default:
      child_.signal(signal.number);
  }
}

void Supervisor::on_stop_signal(int number) {
  const bool first = !coordinator().begun();
  interrupts_ += number == SIGINT ? 1 : 0;
  if (!first && (number == SIGQUIT || interrupts_ > 1)) {
    shutdown_.force(number == SIGQUIT ? "SIGQUIT while draining" : "second SIGINT");
    return;
  }
  start_deadline_ = Time::max();
  live_check_.stop();
  if (first) {
    ready_check_.watch_for_refusal(loop_.now(),
                                   [this] { shutdown_.app_stopping("it accepts no connections any more"); });
  }
  shutdown_.begin({.cause = signal_name(number)}, number);
  if (first && number == SIGINT && progress_.enabled()) {
    logger_.info("hint", {{"hint", "press Ctrl-C again to cut what is left and exit at once"}});
  }
}

void Supervisor::reap() {
  while (sys::reap()) {
  }
  if (ending_orphans_) {
    end_orphans();
  }
}

/// Without a keeper its orphans are our children: each that dies hands on its own.
void Supervisor::end_orphans() {
  const std::vector<pid_t> orphans = sys::children();
  for (const pid_t orphan : orphans) {
    orphans_killed_.insert(orphan);
    sys::signal_process(orphan, SIGKILL);
  }
  if (orphans.empty()) {
    ending_orphans_ = false;
    shutdown_.app_gone(orphans_killed_.size());
  }
}

void Supervisor::on_ready() {
  start_deadline_ = Time::max();
  logger_.info("app_ready", {{"pid", child_.pid()}, {"check", ready_check_.last_try()}});
  manager_.ready();
  if (!settings_.live_path.empty()) {
    live_check_.start_later(loop_.now());
  }
  shutdown_.app_ready();
}

void Supervisor::give_up_starting() {
  start_deadline_ = Time::max();
  ready_check_.stop();
  never_ready_ = true;
  std::string listening;
  for (const std::string& address : sys::listening_addresses(child_.pid())) {
    listening += (listening.empty() ? "" : ", ") + address;
  }
  const std::string after = print_duration(settings_.start_timeout);
  logger_.error("app_never_ready", {{"after", after},
                                    {"tried", ready_check_.last_try()},
                                    {"app_listens_on", listening.empty() ? "nothing" : listening},
                                    {"hint", hint_of(settings_.ready, ready_check_, !listening.empty())}});
  shutdown_.begin({.cause = "app not ready within " + after, .lame_duck = false}, 0);
}

void Supervisor::finish() {
  progress_.erase();
  if (settings_.foreground) {
    sys::set_terminal_foreground(0);
  }
  report_ = shutdown_.report();
  constexpr int kNeverReady = 125;
  report_.exit_status =
      never_ready_ ? kNeverReady : exit_status(report_, shutdown_.stop_signal(), settings_.remap_exit);
  loop_.stop();
}

Time Supervisor::tick_progress(Time now) {
  if (!progress_.enabled() || !coordinator().begun() || coordinator().phase() == drain::Phase::stopped) {
    return Time::max();
  }
  if (now >= progress_due_) {
    progress_due_ = now + Progress::kInterval;
    progress_.draw(coordinator().phase(), drainable_.in_flight(), left(now));
  }
  return progress_due_;
}

Duration Supervisor::left(Time now) const {
  const drain::Budget& budget = coordinator().budget();
  const bool stopping = coordinator().phase() == drain::Phase::stopping;
  return (stopping ? budget.deadline : budget.drain_deadline) - now;
}

Time Supervisor::tick_manager(Time now) {
  const bool begun = coordinator().begun();
  if (begun && !std::exchange(told_manager_, true)) {
    manager_.stopping(coordinator().budget().start + settings_.budget.grace);
  }
  if (begun && manager_.wants_status(now)) {
    constexpr std::size_t kLongest = 200;
    manager_.status(progress_line(coordinator().phase(), drainable_.in_flight(), left(now), kLongest), now);
  }
  if (manager_.wants_sign_of_life(now)) {
    // Every thread that carries requests answers this, or there is no sign.
    static_cast<void>(drainable_.in_flight());
    manager_.alive(now);
  }
  return manager_.tick(now);
}

void Supervisor::child_exited(sys::ExitStatus exit) {
  // A stop signal that came with the app's death, to a whole group, is its cause: it must be known first.
  read_signals();
  start_deadline_ = Time::max();
  ready_check_.stop();
  const bool failed = !exit.signalled && exit.value != 0;
  if (failed && coordinator().phase() == drain::Phase::starting) {
    note_early_end();
  }
  shutdown_.app_exited(exit);
}

/// An app that heeds no $PORT finds its usual one taken, by us.
void Supervisor::note_early_end() const {
  const std::string place = settings_.upstream.text();
  const std::string where = settings_.upstream.is_unix() ? place : place + " ($PORT, {port})";
  logger_.warn("app_ended_early",
               {{"hint", "it is to listen on " + where +
                             "; if an address is in use for it, it wants lastcall's own: name the app's with "
                             "--app-port, or another for lastcall with --listen"}});
}

void Supervisor::child_gone() {
  shutdown_.app_gone(static_cast<std::uint64_t>(child_.descendants_killed()));
}

void Supervisor::app_says_ready() {
  ready_check_.told_ready();
}

void Supervisor::app_says_stopping() {
  shutdown_.app_stopping("it says STOPPING=1");
}

void Supervisor::keeper_lost() {
  logger_.warn("keeper_lost", {{"keeper", child_.keeper()}});
  ending_orphans_ = true;
  end_orphans();
}

}  // namespace lastcall::wrapper
