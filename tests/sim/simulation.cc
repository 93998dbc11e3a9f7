#include "sim/simulation.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "admin/server.h"
#include "base/assert.h"
#include "lastcall/proxy_source.h"
#include "proxy/proxy.h"
#include "wrapper/supervisor.h"

namespace lastcall::sim {
namespace {

const sys::Address kService{.family = sys::Address::Family::ipv4, .ip = {192, 0, 2, 10}, .port = 8080};
const sys::Address kAdmin{.family = sys::Address::Family::ipv4, .ip = {192, 0, 2, 10}, .port = 9797};

constexpr Duration kLongestRun = 300s;
constexpr Duration kAftermath = 1h;  // for the slowest of clients to read what has been sent to it
constexpr int kBacklog = 4096;

sys::Address upstream_address(const Scenario& scenario) {
  if (scenario.unix_upstream) {
    return {.family = sys::Address::Family::unix_path, .path = "/run/app.sock"};
  }
  return sys::loopback_ipv4(9000);
}

proxy::Settings proxy_settings(const Scenario& scenario) {
  proxy::Settings settings;
  settings.upstream = upstream_address(scenario);
  settings.workers = scenario.shards;
  settings.idle_grace = scenario.budget.idle_grace;
  settings.max_connections = scenario.most_connections;
  settings.health_paths = {Prober::kHealthPath};
  return settings;
}

wrapper::Settings supervisor_settings(const Scenario& scenario) {
  wrapper::Settings settings;
  settings.argv = {"app"};
  settings.upstream = upstream_address(scenario);
  settings.stop_signal = scenario.stop_signal;
  settings.start_timeout = 5s;
  settings.budget = scenario.budget;
  return settings;
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, Kernel::Trace trace)
    : scenario_(scenario),
      kernel_(scenario.seed, scenario.faults, std::move(trace)),
      app_(kernel_, scenario, upstream_address(scenario)),
      prober_(kernel_, kAdmin, kService),
      evidence_{.scenario = scenario} {
  evidence_.outcomes.resize(scenario.requests.size());
  for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
    evidence_.clients.push_back(std::make_unique<Client>(kernel_, scenario, i, kService, evidence_.outcomes));
  }
  evidence_.tunnels.resize(scenario.tunnels.size());
  for (std::size_t i = 0; i < scenario.tunnels.size(); ++i) {
    tunnel_clients_.push_back(
        std::make_unique<TunnelClient>(kernel_, scenario, i, kService, evidence_.tunnels[i]));
  }
}

Simulation::~Simulation() = default;

const sys::Address& Simulation::service_address() {
  return kService;
}

void Simulation::run() {
  schedule();
  Fiber& main_thread = kernel_.fibers().start([this] { product(); });
  const bool came_to_rest = kernel_.fibers().run(
      [&] { return has_ended(main_thread) || kernel_.now() > Kernel::kStart + kLongestRun; });
  evidence_.turned_for_ever = !came_to_rest;
  prober_.stop();
  collect();
  if (evidence_.ended) {
    kernel_.fibers().run([&] { return kernel_.now() > *evidence_.ended + kAftermath; });
  }
  evidence_.accepted = kernel_.accepted;
  evidence_.probes = prober_.probes();
}

void Simulation::schedule() {
  Timeline& timeline = kernel_.timeline();
  Processes& processes = kernel_.processes();
  processes.set_program(app_, scenario_.app.workers, scenario_.app.workers_obey);
  kernel_.fibers().set_load({.longest_delay = scenario_.busy});
  for (const SignalPlan& signal : scenario_.signals) {
    timeline.after(signal.at, [this, &processes, number = signal.number] {
      kernel_.trace("signal {} comes", number);
      processes.signal_us(number, 1);
    });
  }
  if (scenario_.app.crashes) {
    timeline.after(*scenario_.app.crashes, [&processes] { processes.app_exits({true, SIGSEGV}); });
  }
  if (scenario_.keeper_killed) {
    timeline.after(*scenario_.keeper_killed, [&processes] { processes.kill_keeper(); });
  }
  if (scenario_.stalls) {
    timeline.after(*scenario_.stalls, [this] { kernel_.fibers().stall(kernel_.now() + scenario_.stalled); });
  }
  if (scenario_.syn_flood) {
    kernel_.network().set_syn_flood(true);
    timeline.after(*scenario_.syn_flood, [this] { kernel_.network().set_syn_flood(false); });
  }
  for (const auto& client : evidence_.clients) {
    client->start();
  }
  for (const auto& client : tunnel_clients_) {
    client->start();
  }
  prober_.start();
}

// As `lastcall run` wires them.
void Simulation::product() {
  log::Logger logger(
      log::Level::info, log::Format::text, [this](std::string_view line) { note_log(line); },
      sys::wall_clock_ms);
  sys::UniqueFd listener(sys::listen_on(kService, kBacklog));
  listener_ = kernel_.file_as<Listener>(listener.get());
  sys::UniqueFd admin_listener(sys::listen_on(kAdmin, kBacklog));
  net::Loop loop;
  proxy::Proxy proxy(proxy_settings(scenario_), std::move(listener), loop, logger);
  wrapper::Supervisor supervisor(supervisor_settings(scenario_), loop, proxy, logger);
  LASTCALL_ASSERT(supervisor.start());
  proxy.start(supervisor.observer());
  const ProxySource source(
      proxy, [&] { return supervisor.readiness(); }, [] { return std::optional<admin::ShutdownView>(); });
  admin::Server admin(loop, std::move(admin_listener), source);
  loop.on_batch([&](Time now) { return std::min({supervisor.tick(now), proxy.tick(now), admin.tick(now)}); });
  kernel_.arm(true);
  loop.run();
  kernel_.arm(false);
  evidence_.report = supervisor.report();
  if (supervisor.coordinator().begun()) {
    evidence_.t0 = supervisor.coordinator().budget().start;
  }
  evidence_.ended = kernel_.now();
}

void Simulation::note_log(std::string_view line) {
  kernel_.trace("log: {}", line.substr(0, line.size() - 1));
  const auto note = [&](std::string_view event, std::optional<Time>& when) {
    if (!when && line.find(event) != std::string_view::npos) {
      when = kernel_.now();
    }
  };
  note("app_ready", evidence_.app_ready);
  note("drain_forced", evidence_.forced);
}

void Simulation::collect() {
  evidence_.misuses = kernel_.misuses();
  evidence_.open_descriptors = kernel_.open_descriptors();
  evidence_.processes_left = kernel_.processes().left();
  evidence_.killed = kernel_.processes().killed_any();
  evidence_.failed_calls = kernel_.failed_calls();
  evidence_.begun = app_.begun();
  evidence_.app_answered = app_.answered();
  evidence_.app_finished = app_.finished();
  evidence_.under_way_at_signal = app_.under_way_at_signal();
  for (std::size_t i = 0; i < evidence_.tunnels.size(); ++i) {
    evidence_.tunnels[i].app = app_.tunnels()[i];
  }
  evidence_.wrong_bodies = app_.wrong_bodies();
  evidence_.stop_signal = kernel_.processes().stop_signal();
  evidence_.app_signalled = kernel_.processes().app_signalled();
  evidence_.app_ended = kernel_.processes().app_ended();
  if (listener_ != nullptr) {
    evidence_.listener_closed = listener_->closed_at();
  }
}

}  // namespace lastcall::sim
