// By how much a shutdown passes its own deadlines when something hangs: from the drain deadline to the return
// of run() with a piece of work that never ends, and from the deadline with a step that never ends.
//
// deadline_overrun ROUNDS   prints one line of JSON: microseconds of each round
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/time.h"
#include "lastcall/lastcall.h"
#include "rounds.h"
#include "sys/sys.h"

namespace {

using namespace lastcall;

constexpr Duration kDrain = 400ms;
constexpr Duration kCleanup = 300ms;
constexpr Duration kReserve = 300ms;

Coordinator coordinator() {
  Options options;
  options.grace = kDrain + kCleanup + kReserve;
  options.drain = kDrain;
  options.cleanup = kCleanup;
  options.reserve = kReserve;
  options.lame_duck = LameDuck{};
  options.handle_signals = false;
  options.log = [](std::string_view) {};
  auto made = Coordinator::create(std::move(options));
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().what.c_str());
    std::exit(1);
  }
  return std::move(*made);
}

Duration past_the_drain_deadline() {
  Coordinator service = coordinator();
  const Permit work = service.scope("bench").try_enter("never ends");
  service.shutdown("bench");
  static_cast<void>(service.run());
  return sys::now() - service.drain_deadline();
}

struct Overrun {
  Duration told;      ///< the step, that its time is over
  Duration returned;  ///< run(), which gives it a last wait of half of the reserve
};

Overrun past_the_deadline() {
  const auto over = std::make_shared<std::atomic<bool>>(false);  // the step's thread outlives us
  std::atomic<Time> told = Time::max();
  Coordinator service = coordinator();
  // The only step of the last stage: everything that is left is its share.
  const auto added = service.add_step(
      {.name = "never ends", .stage = Stage::logs}, [over, &told](const StepContext& context) {
        const std::stop_callback note(context.token(), [&told] { told = sys::now(); });
        over->wait(false);
      });
  if (!added) {
    std::fprintf(stderr, "%s\n", added.error().what.c_str());
    std::exit(1);
  }
  service.shutdown("bench");
  static_cast<void>(service.run());
  const Time returned = sys::now();
  const Time deadline = service.drain_deadline() + kCleanup;
  *over = true;
  over->notify_all();
  return {.told = told.load() - deadline, .returned = returned - (deadline + kReserve / 2)};
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = bench::rounds_asked_for(argc, argv);
  std::vector<Duration> work;
  std::vector<Duration> told;
  std::vector<Duration> step;
  for (int round = 0; round < rounds; ++round) {
    work.push_back(past_the_drain_deadline());
    const Overrun overrun = past_the_deadline();
    told.push_back(overrun.told);
    step.push_back(overrun.returned);
  }
  bench::print({{"work", work}, {"told", told}, {"step", step}});
}
