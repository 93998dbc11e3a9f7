// Thousands of shutdowns of the real proxy and supervisor on the simulated kernel, each from its seed; after
// each the contract is checked. A seed that breaks it prints itself, and how to see it again.
//
//   shutdown_sim [--seed N] [--count N] [--failures N] [--trace]
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>

#include "sim/simulation.h"
#include "sim/verdict.h"

namespace lastcall::sim {
namespace {

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t count = 10'000;
  std::uint64_t failures = 1;  ///< after so many it ends
  bool trace = false;
};

char last_words[256];  // for a crash, made before it

void on_crash(int signal) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, last_words, std::strlen(last_words));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void prepare_last_words(std::uint64_t seed) {
  const auto end = fmt::format_to_n(
      last_words, sizeof last_words - 1,
      "seed {}: the product crashed\n  replay: tests/sim/shutdown_sim --seed {} --trace\n", seed, seed);
  *end.out = '\0';
}

Options read_options(std::span<char*> words) {
  Options options;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--trace") {
      options.trace = true;
    } else if (word == "--seed" && i + 1 < words.size()) {
      options.seed = std::strtoull(words[++i], nullptr, 10);
      options.count = 1;
    } else if (word == "--count" && i + 1 < words.size()) {
      options.count = std::strtoull(words[++i], nullptr, 10);
    } else if (word == "--failures" && i + 1 < words.size()) {
      options.failures = std::strtoull(words[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: shutdown_sim [--seed N] [--count N] [--failures N] [--trace]\n");
      std::exit(2);
    }
  }
  return options;
}

std::vector<std::string> run_one(std::uint64_t seed, const Kernel::Trace& trace) {
  const Scenario scenario = draw_scenario(seed);
  if (trace) {
    trace(describe(scenario));
  }
  Simulation simulation(scenario, trace);
  simulation.run();
  return Verdict(simulation.evidence()).breaches();
}

void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
}

int run_all(const Options& options) {
  std::uint64_t failures = 0;
  for (std::uint64_t seed = options.seed; seed < options.seed + options.count && failures < options.failures;
       ++seed) {
    prepare_last_words(seed);
    const std::vector<std::string> breaches =
        run_one(seed, options.trace ? Kernel::Trace(print) : Kernel::Trace());
    if (breaches.empty()) {
      continue;
    }
    print(fmt::format("seed {}: {} breaches of the contract", seed, breaches.size()));
    for (const std::string& breach : breaches) {
      print("  " + breach);
    }
    if (!options.trace) {
      print(fmt::format("  replay: build/dev/tests/sim/shutdown_sim --seed {} --trace", seed));
    }
    ++failures;
  }
  if (failures > 0) {
    return 1;
  }
  print(fmt::format("{} shutdowns from seed {} on: the contract was kept", options.count, options.seed));
  return 0;
}

}  // namespace
}  // namespace lastcall::sim

int main(int count, char** words) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) {
    std::signal(signal, lastcall::sim::on_crash);
  }
  return lastcall::sim::run_all(lastcall::sim::read_options({words, static_cast<std::size_t>(count)}));
}
