// `lastcall run`: builds the parts, wires them to each other, and turns the loop until the app is gone.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <optional>

#include "admin/listener.h"
#include "admin/server.h"
#include "budget_text.h"
#include "commands.h"
#include "control_socket.h"
#include "deliver.h"
#include "dry_run.h"
#include "fatal.h"
#include "plan.h"
#include "proxy/proxy.h"
#include "proxy_source.h"
#include "report/drain_report.h"
#include "service_manager.h"
#include "surroundings.h"
#include "sys/sys.h"
#include "wrapper/supervisor.h"

namespace lastcall {
namespace {

constexpr int kStderr = 2;
constexpr int kBacklog = 65535;  // a full queue drops handshakes; the kernel clamps it to somaxconn

Result<sys::UniqueFd> open_listener(const sys::Address& address) {
  sys::UniqueFd fd(sys::listen_on(address, kBacklog));
  if (!fd) {
    const bool taken = fd.get() == -EADDRINUSE;
    return failure("cannot listen on " + address.text() + ": " + std::strerror(-fd.get()),
                   std::string("choose another address with --listen or PORT") +
                       (taken ? "; `ss -ltnp` shows who has this one" : ""));
  }
  return fd;
}

wrapper::Settings supervisor_settings(const config::Resolved& resolved, const Plan& plan) {
  const config::RunConfig& config = resolved.run;
  return {.argv = plan.argv,
          .environment = plan.environment,
          .foreground = config.foreground,
          .stop_signal = config.stop_signal,
          .notify_signal = config.notify_signal,
          .signal_target = static_cast<wrapper::SignalTarget>(config.signal_target),
          .remap_exit = config.remap_exit,
          .upstream = plan.upstream,
          .ready = {.kind = static_cast<wrapper::ReadySettings::Kind>(config.ready_check.kind),
                    .path = config.ready_check.path},
          .live_path = config.live_check,
          .ready_while_delay = config.ready_while_delay,
          .start_timeout = config.start_timeout,
          .budget = plan.budget.plan,
          .manager = service_manager(read_environment()),
          .signal_us_alone = std::string(resolved.platform.signal_us_alone),
          .progress = can_redraw_stderr()};
}

std::optional<admin::ShutdownView> shutdown_view(const drain::Coordinator& coordinator) {
  if (!coordinator.begun()) {
    return std::nullopt;
  }
  const drain::Budget& budget = coordinator.budget();
  return admin::ShutdownView{.elapsed = sys::now() - budget.start,
                             .drain_deadline = budget.drain_deadline - budget.start,
                             .deadline = budget.deadline - budget.start,
                             .phases = coordinator.report().phases};
}

/// What the control socket may ask of the parts, and change.
class RunControl final : public admin::Control {
 public:
  RunControl(const proxy::Proxy& proxy, const ProxySource& source, wrapper::Supervisor& supervisor)
      : proxy_(proxy), source_(source), supervisor_(supervisor) {}

  [[nodiscard]] admin::PrivateView look(std::size_t most) const override {
    proxy::Snapshot snapshot = proxy_.snapshot(most);
    return {.status = source_.status(snapshot),
            .pid = sys::own_pid(),
            .exchanges = std::move(snapshot.exchanges)};
  }

  bool set_unready(bool unready) override { return supervisor_.set_unready(unready); }

 private:
  const proxy::Proxy& proxy_;
  const ProxySource& source_;
  wrapper::Supervisor& supervisor_;
};

/// The parts of one `lastcall run`, in the order in which they are built; destroyed in reverse.
class Run {
 public:
  Run(const CommandLine& line, Plan plan, PassedSockets passed)
      : resolved_(line.resolved),
        config_(line.resolved.run),
        plan_(std::move(plan)),
        passed_(std::move(passed)),
        logger_(make_logger(config_)) {}

  /// A control socket that nobody has served yet goes with us too.
  ~Run() { sys::unlink_if_ours(control_listener_.fd.get()); }

  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Result<int> to_the_end();

  void log_warnings(const std::vector<std::string>& warnings) const {
    for (const std::string& warning : warnings) {
      logger_.warn("setting", {{"warning", warning}});
    }
  }

 private:
  Result<void> open_admin();
  Result<void> open_control_socket();
  Time tick(Time now);
  [[nodiscard]] drain::DrainReport report() const;
  void log_start(const sys::UniqueFd& listener) const;

  const config::Resolved& resolved_;
  const config::RunConfig& config_;
  const Plan plan_;
  PassedSockets passed_;
  log::Logger logger_;
  net::Loop loop_;
  std::optional<admin::Listener> admin_listener_;
  ControlListener control_listener_;
  std::optional<proxy::Proxy> proxy_;
  std::optional<wrapper::Supervisor> supervisor_;
  std::optional<ProxySource> source_;
  std::optional<RunControl> run_control_;
  std::optional<admin::Server> admin_;
  std::optional<admin::Server> control_;
};

Result<int> Run::to_the_end() {
  const bool shared = passed_.http.has_value();
  auto listener = shared ? std::move(passed_.http->fd) : open_listener(plan_.listen);
  if (!listener) {
    return tl::unexpected(listener.error());
  }
  if (const auto free = app_port_is_free(config_); !free) {
    return tl::unexpected(free.error());
  }
  if (const auto opened = open_admin(); !opened) {
    return tl::unexpected(opened.error());
  }
  if (const auto opened = open_control_socket(); !opened) {
    return tl::unexpected(opened.error());
  }
  log_start(*listener);
  if (!sys::read_file("/proc/self/stat")) {
    logger_.warn(
        "no_proc",
        {{"hint", "without /proc, processes that leave the app's group cannot be found at its end"}});
  }
  proxy::Settings settings = proxy_settings(config_, plan_, sys::raise_file_limit());
  settings.listener_is_shared = shared;
  proxy_.emplace(settings, std::move(*listener), loop_, logger_);
  supervisor_.emplace(supervisor_settings(resolved_, plan_), loop_, *proxy_, logger_);
  // The app's keeper is a fork without exec, which must not be made beside other threads.
  if (const auto started = supervisor_->start(); !started) {
    return tl::unexpected(started.error());
  }
  proxy_->start(supervisor_->observer());
  source_.emplace(
      *proxy_, [this] { return supervisor_->readiness(); },
      [this] { return shutdown_view(supervisor_->coordinator()); });
  if (admin_listener_) {
    admin_.emplace(loop_, std::move(admin_listener_->fd), *source_);
  }
  if (control_listener_.fd) {
    run_control_.emplace(*proxy_, *source_, *supervisor_);
    control_.emplace(loop_, std::move(control_listener_.fd), *run_control_);
  }
  loop_.on_batch([this](Time now) { return tick(now); });
  loop_.run();

  const drain::DrainReport report = this->report();
  if (control_) {
    control_->release_held(
        {.content_type = "application/json", .body = report::to_termination_message(report)});
  }
  deliver(report, config_.report, logger_);
  if (sys::is_terminal(kStderr)) {
    sys::write_all(kStderr, report::to_text(report));
  }
  return report.exit_status;
}

Result<void> Run::open_admin() {
  if (passed_.admin) {
    admin_listener_ = admin::Listener{std::move(passed_.admin->fd), passed_.admin->address, false};
    return {};
  }
  if (config_.admin.empty()) {
    return {};
  }
  const auto address = address_setting(resolved_, "admin");
  if (!address) {
    return tl::unexpected(address.error());
  }
  auto listener =
      admin::open_listener(*address, config_.admin_asked ? admin::Choice::asked : admin::Choice::standard);
  if (!listener) {
    return tl::unexpected(listener.error());
  }
  if (listener->moved) {
    logger_.warn("admin_moved", {{"taken", address->text()}, {"address", listener->address.text()}});
  }
  admin_listener_ = std::move(*listener);
  return {};
}

Result<void> Run::open_control_socket() {
  auto opened = open_control(config_);
  if (!opened) {
    return tl::unexpected(opened.error());
  }
  control_listener_ = std::move(*opened);
  if (!control_listener_.why_not.empty()) {
    logger_.info("no_control_socket",
                 {{"why", control_listener_.why_not}, {"hint", "name a place for it with --control PATH"}});
  }
  return {};
}

Time Run::tick(Time now) {
  const Time admin_due = admin_ ? admin_->tick(now) : Time::max();
  const Time control_due = control_ ? control_->tick(now) : Time::max();
  // The supervisor first: what it starts may set the proxy's timers.
  return std::min({supervisor_->tick(now), proxy_->tick(now), admin_due, control_due});
}

drain::DrainReport Run::report() const {
  drain::DrainReport report = supervisor_->report();
  if (admin_ && admin_->last_failed_probe() && supervisor_->coordinator().begun()) {
    const Duration since_begin = *admin_->last_failed_probe() - supervisor_->coordinator().budget().start;
    const bool while_starting = since_begin < Duration::zero();
    if (!while_starting) {
      report.traffic.last_probe = std::max(report.traffic.last_probe, std::optional(since_begin));
    }
  }
  return report;
}

void Run::log_start(const sys::UniqueFd& listener) const {
  const std::string admin = admin_listener_ ? admin_listener_->address.text() : "off";
  logger_.info("start", {{"version", LASTCALL_VERSION},
                         {"listen", sys::local_address(listener.get()).text()},
                         {"upstream", plan_.upstream.text()},
                         {"admin", admin},
                         {"platform", describe_platform(resolved_)},
                         {"budget", describe_budget(resolved_, plan_.budget.plan)},
                         {"control", control_listener_.fd ? control_listener_.path : "off"},
                         {"grace_ms", to_milliseconds(plan_.budget.plan.grace)},
                         {"drain_ms", to_milliseconds(plan_.budget.plan.drain)},
                         {"app_stop_ms", to_milliseconds(plan_.budget.plan.app_stop)}});
}

}  // namespace

int run_command(std::span<const std::string> words) {
  const auto line = read_command_line(words);
  if (!line) {
    return fail_unread(line.error(), words);
  }
  const config::RunConfig& config = line->resolved.run;
  auto passed = take_passed_sockets(read_environment());
  if (!passed) {
    return fail(passed.error(), config);
  }
  auto plan = make_plan(*line, passed->http ? std::optional(passed->http->address) : std::nullopt);
  if (!plan) {
    return fail(plan.error(), config);
  }
  std::vector<std::string> warnings = warnings_of(line->resolved, plan->budget);
  if (std::string doubt = doubt_delivery(config.report); !doubt.empty()) {
    warnings.push_back(std::move(doubt));
  }
  if (config.dry_run) {
    std::ranges::move(doubts(plan->budget.plan), std::back_inserter(warnings));
    caution(warnings);
    return print(describe_plan(*line, *plan));
  }
  Run run(*line, std::move(*plan), std::move(*passed));
  run.log_warnings(warnings);
  const auto status = run.to_the_end();
  return status ? *status : fail(status.error(), config);
}

}  // namespace lastcall
