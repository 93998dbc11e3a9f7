// What a piece of work in flight costs, and a request's own stop token: one pair of begin and end each, on
// one thread and on eight, beside what one would write by hand.
#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>

#include <benchmark/benchmark.h>

#include "base/time.h"
#include "service/stop_link.h"
#include "service/work_register.h"
#include "sys/sys.h"

namespace {

using namespace lastcall;

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override { return sys::now(); }

  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                  Time until) override {
    condition.wait_until(lock, until);
  }
};

WorkScope& scope() {
  static WorkScope scope(std::make_unique<service::WorkRegister>("bench", std::make_shared<SystemClock>()));
  return scope;
}

service::StopHub& hub() {
  static SystemClock clock;
  static service::StopHub hub(clock);
  return hub;
}

void permit(benchmark::State& state) {
  for (auto _ : state) {
    Permit work = scope().try_enter();
    benchmark::DoNotOptimize(work);
  }
}

void named_permit(benchmark::State& state) {
  for (auto _ : state) {
    Permit work = scope().try_enter("GET /orders/{id}");
    benchmark::DoNotOptimize(work);
  }
}

void forked_permit(benchmark::State& state) {
  const Permit request = scope().try_enter();
  for (auto _ : state) {
    Permit work = request.fork();
    benchmark::DoNotOptimize(work);
  }
}

void atomic_counter(benchmark::State& state) {
  static std::atomic<std::uint64_t> count = 0;
  for (auto _ : state) {
    count.fetch_add(1, std::memory_order_relaxed);
    benchmark::DoNotOptimize(count.fetch_sub(1, std::memory_order_acq_rel));
  }
}

void mutex_counter(benchmark::State& state) {
  static std::mutex mutex;
  static std::uint64_t count = 0;
  for (auto _ : state) {
    {
      const std::lock_guard lock(mutex);
      ++count;
    }
    const std::lock_guard lock(mutex);
    benchmark::DoNotOptimize(--count);
  }
}

void linked_stop(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(hub().link(Time::max()));
  }
}

void linked_stop_with_deadline(benchmark::State& state) {
  const Time deadline = sys::now() + 1h;
  for (auto _ : state) {
    benchmark::DoNotOptimize(hub().link(deadline));
  }
}

/// A request's own source, linked by hand to one that all of them share.
void std_stop_source_by_hand(benchmark::State& state) {
  static std::stop_source abort;
  for (auto _ : state) {
    std::stop_source own;
    const std::stop_callback link(abort.get_token(), [&own] { own.request_stop(); });
    benchmark::DoNotOptimize(own.get_token());
  }
}

constexpr int kThreads = 8;

BENCHMARK(permit)->Threads(1)->Threads(kThreads);
BENCHMARK(named_permit)->Threads(1)->Threads(kThreads);
BENCHMARK(forked_permit)->Threads(1)->Threads(kThreads);
BENCHMARK(atomic_counter)->Threads(1)->Threads(kThreads);
BENCHMARK(mutex_counter)->Threads(1)->Threads(kThreads);
BENCHMARK(linked_stop)->Threads(1)->Threads(kThreads);
BENCHMARK(linked_stop_with_deadline)->Threads(1)->Threads(kThreads);
BENCHMARK(std_stop_source_by_hand)->Threads(1)->Threads(kThreads);

}  // namespace
