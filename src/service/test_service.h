// What the tests of Runtime share: a service on a clock that is moved by hand, and steps to give it.
#pragma once

#include <csignal>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "lastcall/lastcall.h"
#include "lastcall/testing.h"

namespace lastcall {

/// The deadline is at 29 s.
inline constexpr Duration kDrain = 20s;
inline constexpr Duration kAbort = 18s;

/// A service whose main thread is in run().
class Service {
 public:
  explicit Service(LameDuck lame_duck = {})
      : coordinator_(Coordinator::create({.grace = 30s,
                                          .drain = kDrain,
                                          .cleanup = 9s,
                                          .reserve = 1s,
                                          .abort_notice = kDrain - kAbort,
                                          .lame_duck = lame_duck,
                                          .watchdog = false,
                                          .log = [](std::string_view) {},
                                          .clock = clock_,
                                          .signals = signals_})
                         .value()) {}

  Coordinator& operator*() { return coordinator_; }

  Coordinator* operator->() { return &coordinator_; }

  /// main() arrives in run(). The clock then shows what it did before.
  void run() {
    report_ = std::async(std::launch::async, [this] { return coordinator_.run(); });
  }

  void raise(int signal) { signals_->raise(signal); }

  /// Serving, then SIGTERM at 0 s.
  void run_and_raise() {
    coordinator_.started();
    run();
    raise(SIGTERM);
  }

  DrainReport report() { return report_.get(); }

  void advance_to(Duration since_start) { clock_->advance_to(Time{} + since_start); }

  testing::ManualClock& clock() { return *clock_; }

 private:
  const std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>();
  const std::shared_ptr<testing::ManualSignals> signals_ = std::make_shared<testing::ManualSignals>();
  Coordinator coordinator_;
  std::future<DrainReport> report_;
};

/// Names in the order in which steps said them.
class Order {
 public:
  auto says(std::string name) {
    return [this, name = std::move(name)] {
      const std::lock_guard lock(mutex_);
      names_.push_back(name);
    };
  }

  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    return names_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
};

/// A step that ends when it is asked to stop.
inline void until_told(const StepContext& context) {
  std::promise<void> told;
  const std::stop_callback stop(context.token(), [&] { told.set_value(); });
  told.get_future().wait();
}

inline std::vector<std::string> outcomes(const DrainReport& report) {
  std::vector<std::string> told;
  for (const StepResult& step : report.steps()) {
    told.push_back(step.name + " " + step.outcome + (step.detail.empty() ? "" : ": " + step.detail));
  }
  return told;
}

/// A step that nothing ends before the test does; the shutdown leaves its thread behind.
class Hang {
 public:
  [[nodiscard]] auto step() const {
    return [latches = latches_] {
      latches->release.wait();
      latches->gone.count_down();
    };
  }

  void let_go() const {
    latches_->release.count_down();
    latches_->gone.wait();
  }

 private:
  struct Latches {
    std::latch release{1};
    std::latch gone{1};
  };

  const std::shared_ptr<Latches> latches_ = std::make_shared<Latches>();
};

}  // namespace lastcall
