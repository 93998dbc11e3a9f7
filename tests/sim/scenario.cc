#include "sim/scenario.h"

#include <algorithm>
#include <csignal>

namespace lastcall::sim {
namespace {

constexpr std::size_t kPlenty = 10'000;     // of connections
constexpr std::size_t kWideWindow = 65536;  // for all that anybody says on a WebSocket
constexpr Duration kServing = 2s;           // when the first signal comes, on average

std::string repeated(const std::string& pattern, std::size_t size) {
  std::string body;
  body.reserve(size + pattern.size());
  while (body.size() < size) {
    body += pattern;
  }
  body.resize(size);
  return body;
}

/// Draws one part after the other; which draws follow may depend on those before.
class Drawer {
 public:
  explicit Drawer(std::uint64_t seed) : random_(seed) { scenario_.seed = seed; }

  Scenario draw();

 private:
  void draw_budget();
  void draw_app();
  void draw_troubles();
  void draw_faults();
  void draw_signals();
  void draw_client();
  Duration draw_aim();
  void draw_tunnels();
  void draw_silence(TunnelPlan& tunnel);
  WebSocketPlan draw_web_socket(std::size_t size);
  RequestPlan draw_request();
  Path draw_path();

  Duration upto(Duration most) { return random_.between(Duration::zero(), most); }

  /// Mostly short, sometimes as long as `most`.
  Duration skewed(Duration most) { return random_.percent(70) ? upto(most / 50) : upto(most); }

  Random random_;
  Scenario scenario_;
  Duration signal_at_{};
};

Scenario Drawer::draw() {
  scenario_.shards = static_cast<unsigned>(random_.pick(1, 3));
  scenario_.unix_upstream = random_.percent(30);
  scenario_.most_connections = random_.percent(5) ? static_cast<std::size_t>(random_.pick(4, 12)) : kPlenty;
  scenario_.stop_signal = random_.percent(10) ? std::optional(SIGINT) : std::nullopt;
  signal_at_ = random_.percent(8) ? upto(300ms) : kServing / 2 + upto(kServing);
  draw_budget();
  draw_app();
  draw_troubles();
  draw_signals();
  const auto clients = random_.percent(5) ? 60 : random_.pick(1, 14);
  for (int i = 0; i < clients; ++i) {
    draw_client();
  }
  draw_tunnels();
  return scenario_;
}

void Drawer::draw_budget() {
  drain::BudgetPlan& budget = scenario_.budget;
  budget.drain = random_.percent(20) ? 500ms + upto(2s) : 8s + upto(20s);
  budget.app_stop = 500ms + upto(8s);
  budget.reserve = 1s;
  budget.grace = budget.drain + budget.app_stop + budget.reserve;
  budget.idle_grace = random_.percent(20) ? upto(200ms) : 1s;
  if (random_.percent(40)) {
    const Duration max = std::min(budget.drain, 200ms + upto(4s));
    budget.lame_duck = {.min = upto(max / 2), .quiet = upto(max / 2), .max = max};
  }
}

void Drawer::draw_app() {
  AppPlan& app = scenario_.app;
  app.listens_after = skewed(800ms);
  app.never_listens = random_.percent(2);
  app.idle_timeout = random_.percent(40) ? 1s + upto(2s) : 60s;
  app.advertises = random_.percent(30);
  const auto kind = random_.pick(0, 9);
  app.on_signal = kind < 5   ? AppPlan::OnSignal::exits
                  : kind < 9 ? AppPlan::OnSignal::dies
                             : AppPlan::OnSignal::ignores;
  app.stop_takes = skewed(6s);
  app.status = random_.percent(10) ? static_cast<int>(random_.pick(1, 70)) : 0;
  app.workers = random_.percent(25) ? static_cast<int>(random_.pick(1, 4)) : 0;
  app.workers_obey = random_.percent(80);
  if (random_.percent(6)) {
    app.crashes = upto(signal_at_ + 3s);
  }
}

void Drawer::draw_troubles() {
  if (random_.percent(30)) {
    scenario_.busy = upto(2ms);
  }
  if (random_.percent(6)) {
    scenario_.stalls = upto(signal_at_ + 2s);
    scenario_.stalled = 10ms + upto(700ms);
  }
  if (random_.percent(30)) {
    scenario_.losses = {.syn = static_cast<int>(random_.pick(0, 20)),
                        .ack = static_cast<int>(random_.pick(0, 30))};
  }
  if (random_.percent(4)) {
    scenario_.keeper_killed = upto(signal_at_ + 3s);
  }
  draw_faults();
}

void Drawer::draw_faults() {
  Faults& faults = scenario_.faults;
  faults.no_ifindex = random_.percent(10);
  faults.ifindex_lies = faults.no_ifindex && random_.percent(30);
  faults.no_filter = random_.percent(50);
  faults.no_sock_diag = random_.percent(5);
  faults.wall_clock_jumps = random_.percent(10);
  // Without the filter there is no way around a flood with cookies but time, and without both none at all.
  if (random_.percent(8) && !faults.no_ifindex) {
    scenario_.syn_flood = upto(signal_at_ + 500ms);
  }
  if (random_.percent(12)) {
    faults.accept = static_cast<int>(random_.pick(0, 30));
    faults.connect = static_cast<int>(random_.pick(0, 10));
    faults.watch = static_cast<int>(random_.pick(0, 10));
  }
}

void Drawer::draw_signals() {
  constexpr int kStops[] = {SIGTERM, SIGTERM, SIGTERM, SIGINT, SIGQUIT};
  constexpr int kOthers[] = {SIGTERM, SIGTERM, SIGHUP, SIGUSR1, SIGINT, SIGQUIT};
  scenario_.signals.push_back({signal_at_, kStops[random_.below(std::size(kStops))]});
  const auto further = random_.percent(25) ? random_.pick(1, 3) : 0;
  for (int i = 0; i < further; ++i) {
    scenario_.signals.push_back({signal_at_ + skewed(6s), kOthers[random_.below(std::size(kOthers))]});
  }
}

Path Drawer::draw_path() {
  constexpr std::size_t kWindows[] = {700, 4096, 65536, 65536, 262144};
  Path path{.latency = random_.percent(50) ? 50us + upto(1ms) : upto(60ms)};
  path.jitter = random_.percent(30) ? upto(path.latency) : Duration::zero();
  path.window = kWindows[random_.below(std::size(kWindows))];
  path.segment = random_.percent(15) ? 7 : random_.percent(30) ? 200 : 16384;
  return path;
}

void Drawer::draw_client() {
  ClientPlan client;
  const auto kind = random_.pick(0, 19);
  client.kind = kind == 0   ? ClientPlan::Kind::silent
                : kind == 1 ? ClientPlan::Kind::half_head
                : kind == 2 ? ClientPlan::Kind::leaves
                            : ClientPlan::Kind::ordinary;
  // Many around the signal and around the closing of the listener, where it matters.
  client.connects = random_.percent(60) ? signal_at_ - 100ms + upto(600ms) : upto(signal_at_ + 4s);
  client.connects = std::max(client.connects, Duration::zero());
  client.path = draw_path();
  client.thinks = random_.percent(25) ? 500ms + upto(3s) : skewed(2s);
  if (random_.percent(15)) {
    client.aims = draw_aim();
    client.connects = upto(signal_at_);
  }
  client.pipelines = random_.percent(8);
  client.leaves = upto(3s);
  client.closes_first = random_.percent(50);
  const auto requests = random_.pick(1, random_.percent(20) ? 12 : 4);
  bool early = false;
  for (int i = 0; i < requests; ++i) {
    client.requests.push_back(static_cast<std::uint32_t>(scenario_.requests.size()));
    scenario_.requests.push_back(draw_request());
    early |= scenario_.requests.back().early;
  }
  // Who is answered early, sends on and reads slowly is whom a close that does not linger hurts.
  client.reads_every = random_.percent(early ? 50 : 8) ? upto(20ms) : Duration::zero();
  client.body_pause = random_.percent(early ? 80 : 20) ? upto(400ms) : Duration::zero();
  scenario_.clients.push_back(std::move(client));
}

/// Around the end of the idle grace of connections that were idle when we announced: as late as can still be
/// answered, and a little later.
Duration Drawer::draw_aim() {
  const drain::BudgetPlan& budget = scenario_.budget;
  const Duration grace_over = signal_at_ + budget.lame_duck.min + budget.idle_grace;
  return grace_over - scenario_.busy / 4 + upto(2 * scenario_.busy + 100us);
}

RequestPlan Drawer::draw_request() {
  constexpr RequestPlan::Answer kBad[] = {RequestPlan::Answer::none, RequestPlan::Answer::broken_off,
                                          RequestPlan::Answer::malformed};
  RequestPlan request;
  request.post = random_.percent(35);
  request.body =
      request.post ? static_cast<std::size_t>(random_.pick(0, random_.percent(10) ? 200'000 : 2000)) : 0;
  request.framing = static_cast<RequestPlan::Framing>(random_.pick(0, 9) < 6 ? 0 : random_.pick(1, 2));
  request.size = static_cast<std::size_t>(random_.pick(0, random_.percent(8) ? 300'000 : 3000));
  request.thinks = skewed(3s);
  request.streams = random_.percent(20) ? upto(3s) : Duration::zero();
  request.answer = random_.percent(4) ? kBad[random_.below(std::size(kBad))] : RequestPlan::Answer::whole;
  request.early = request.post && random_.percent(15);
  request.app_closes = random_.percent(10);
  return request;
}

void Drawer::draw_tunnels() {
  const bool room = scenario_.most_connections == kPlenty;
  const auto tunnels = !room || random_.percent(75) ? 0 : random_.pick(1, random_.percent(25) ? 12 : 3);
  for (int i = 0; i < tunnels; ++i) {
    const auto size = static_cast<std::size_t>(random_.pick(0, random_.percent(20) ? 20'000 : 300));
    TunnelPlan tunnel{.path = draw_path(), .client = draw_web_socket(size), .app = draw_web_socket(size)};
    tunnel.connects =
        std::max(random_.percent(80) ? signal_at_ - upto(2s) : signal_at_ + upto(2s), Duration::zero());
    if (random_.percent(70)) {
      tunnel.path.window = std::max(tunnel.path.window, kWideWindow);
    } else if (random_.percent(50)) {
      tunnel.client.reads_every = upto(20ms);
    }
    draw_silence(tunnel);
    scenario_.tunnels.push_back(tunnel);
  }
}

/// A client that answers no Close may leave at once, or keep its half of a connection that the app has given
/// up.
void Drawer::draw_silence(TunnelPlan& tunnel) {
  if (tunnel.app.closes && random_.percent(70)) {
    tunnel.app.patience = 100ms + upto(1s);
    tunnel.client.answers = random_.percent(20);
  }
  tunnel.client.leaves = !tunnel.client.answers && random_.percent(30);
  tunnel.client.stays = !tunnel.client.answers && random_.percent(50);
}

WebSocketPlan Drawer::draw_web_socket(std::size_t size) {
  WebSocketPlan plan{.size = size};
  plan.talks = random_.percent(80) ? 50ms + upto(400ms) : 10s;
  plan.pause = random_.percent(40) ? upto(300ms) : Duration::zero();
  plan.answers = random_.percent(85);
  plan.considers = random_.percent(30) ? upto(100ms) : Duration::zero();
  if (random_.percent(10)) {
    plan.closes = upto(4s);
  }
  return plan;
}

}  // namespace

bool TunnelPlan::is_slow() const {
  return path.window < kWideWindow || client.reads_every > Duration::zero();
}

Scenario draw_scenario(std::uint64_t seed) {
  return Drawer(seed).draw();
}

std::string describe(const Scenario& scenario) {
  const drain::BudgetPlan& budget = scenario.budget;
  std::string text = fmt::format(
      "seed {}: {} shards, {} clients, {} requests, {} tunnels, drain {:.0f} ms, app-stop {:.0f} ms, "
      "idle-grace {:.0f} "
      "ms, "
      "lame duck {:.0f} ms, busy {:.1f} ms",
      scenario.seed, scenario.shards, scenario.clients.size(), scenario.requests.size(),
      scenario.tunnels.size(), to_milliseconds(budget.drain), to_milliseconds(budget.app_stop),
      to_milliseconds(budget.idle_grace), to_milliseconds(budget.lame_duck.max),
      to_milliseconds(scenario.busy));
  for (const SignalPlan& signal : scenario.signals) {
    text += fmt::format(", signal {} at {:.0f} ms", signal.number, to_milliseconds(signal.at));
  }
  return text;
}

std::string request_body(std::uint32_t request, std::size_t size) {
  return repeated(fmt::format("({})", request), size);
}

std::string response_body(std::uint32_t request, std::size_t size) {
  return repeated(fmt::format("<{}>", request), size);
}

}  // namespace lastcall::sim
