// How true the load client of lastcall check is: loads a server whose delay is known, and prints as JSON how
// far what it measured is from that, from the instant at which each request was due; what a request costs it;
// and whether it called itself the bottleneck.
#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/units.h"
#include "check/load.h"
#include "net/loop.h"
#include "sys/sys.h"

using namespace lastcall;

namespace {

struct Options {
  std::string target;
  std::string path = "/";
  std::string delay = "0s";
  bool fresh = false;
  unsigned clients = 256;
  double rate = 1000;
  double seconds = 1;
};

Duration cpu_time() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void run(check::Load& load, net::Loop& loop, Duration duration) {
  constexpr Duration kPatience = 5s;
  const Time begun = sys::now();
  const Time stop = begun + duration;
  load.start(begun);
  loop.on_batch([&](Time) {
    const Time now = sys::now();
    const Time next = load.tick(now);
    if (now < stop) {
      return std::min(next, stop);
    }
    load.stop();
    if (load.under_way() == 0 || now >= stop + kPatience) {
      loop.stop();
    }
    return stop + kPatience;
  });
  loop.run();
}

void print(const check::Load& load, Duration delay, Duration cpu, double seconds) {
  std::vector<double> errors_us;
  for (const judge::Observation& seen : load.observations()) {
    if (seen.outcome == judge::Outcome::ok) {
      errors_us.push_back(to_milliseconds(seen.ended - seen.intended - delay) * 1000);
    }
  }
  std::ranges::sort(errors_us);
  const auto percentile = [&](double share) {
    return errors_us.empty()
               ? 0.0
               : errors_us[static_cast<std::size_t>(share * static_cast<double>(errors_us.size() - 1))];
  };
  const auto good = static_cast<double>(errors_us.size());
  fmt::print(
      R"({{"requests": {}, "failed": {}, "rate": {:.0f}, "p50_us": {:.1f}, "p99_us": {:.1f}, "cpu_us": {:.2f}, )"
      R"("lag_p99_us": {:.1f}, "saturated": {}}})",
      errors_us.size(), load.observations().size() - errors_us.size(), good / seconds, percentile(0.5),
      percentile(0.99), to_milliseconds(cpu) * 1000 / std::max(good, 1.0),
      to_milliseconds(judge::lag(load.observations()).p99) * 1000, load.saturated());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures a known delay with the load client.");
  app.add_option("target", options.target, "HOST:PORT or unix:PATH")->required();
  app.add_option("--path", options.path);
  app.add_option("--delay", options.delay, "What the server takes for an answer");
  app.add_flag("--fresh", options.fresh, "A new connection for each request");
  app.add_option("--clients", options.clients)->check(CLI::Range(1, 10'000));
  app.add_option("--rate", options.rate, "Requests a second")->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds)->check(CLI::Range(0.01, 60.0));
  CLI11_PARSE(app, argc, argv);

  const auto target = sys::parse_address(options.target);
  const auto delay = parse_duration(options.delay);
  if (!target || !delay) {
    fmt::print(stderr, "bench_accuracy: {}\n", (!target ? target.error() : delay.error()).what);
    return 2;
  }
  const auto kind = options.fresh ? judge::Kind::fresh : judge::Kind::keep_alive;
  net::Loop loop;
  check::Load load({.target = *target,
                    .flows = {{.name = "known",
                               .kind = kind,
                               .path = options.path,
                               .clients = options.clients,
                               .rate = options.rate}}},
                   loop);
  const Duration before = cpu_time();
  run(load, loop, std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds)));
  print(load, *delay, cpu_time() - before, options.seconds);
  return 0;
}
