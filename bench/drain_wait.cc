// How long a shutdown goes on after its last piece of work has ended: lastcall's run(), and beside it, on the
// same work, the loop of Go's net/http Server.Shutdown: polling, from 1 ms doubled to 500 ms, each up to a
// tenth longer.
//
// drain_wait ROUNDS   prints one line of JSON: microseconds of each round
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "lastcall/lastcall.h"
#include "rounds.h"
#include "sys/sys.h"

namespace {

using namespace lastcall;

constexpr Duration kFirstPoll = 1ms;
constexpr Duration kLongestPoll = 500ms;

Duration after_run(Time ends) {
  Options options;
  options.drain = 10s;
  options.cleanup = 1s;
  options.lame_duck = LameDuck{};
  options.handle_signals = false;
  options.log = [](std::string_view) {};
  auto coordinator = Coordinator::create(std::move(options));
  if (!coordinator) {
    std::fprintf(stderr, "%s\n", coordinator.error().what.c_str());
    std::exit(1);
  }
  Permit work = coordinator->scope("bench").try_enter("the last one");
  Time ended{};
  std::jthread working([&] {
    std::this_thread::sleep_until(ends);
    ended = sys::now();
    work.release();
  });
  coordinator->shutdown("bench");
  static_cast<void>(coordinator->run());
  const Time over = sys::now();
  working.join();
  return over - ended;
}

Duration after_polling(Time ends) {
  std::atomic<int> in_flight = 1;
  Time ended{};
  std::jthread working([&] {
    std::this_thread::sleep_until(ends);
    ended = sys::now();
    in_flight.store(0, std::memory_order_release);
  });
  std::minstd_rand random(std::random_device{}());
  for (Duration poll = kFirstPoll; in_flight.load(std::memory_order_acquire) > 0;
       poll = std::min(2 * poll, kLongestPoll)) {
    std::this_thread::sleep_for(poll + poll * (random() % 100) / 1000);
  }
  return sys::now() - ended;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = bench::rounds_asked_for(argc, argv);
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> hold_ms(100, 1600);
  std::vector<Duration> run;
  std::vector<Duration> polling;
  for (int round = 0; round < rounds; ++round) {
    const Time ends = sys::now() + std::chrono::milliseconds(hold_ms(random));
    std::jthread beside([&] { polling.push_back(after_polling(ends)); });
    run.push_back(after_run(ends));
    beside.join();
  }
  bench::print({{"run", run}, {"polling", polling}});
}
