// Run: one run of the demo: starts the app one way or another, loads it, signals it in mid-load, and counts
// what the clients saw from the signal on.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "check/interrupt.h"
#include "check/load.h"
#include "check/server_process.h"
#include "judge/observation.h"
#include "net/loop.h"

namespace lastcall::demo {

/// For so long after the signal a balancer commonly goes on sending here: a refusal in this time is a lost
/// request.
inline constexpr Duration kRouted = 2s;
inline constexpr Duration kWindow = 5s;  ///< of load after the signal
inline constexpr double kRate = 700;     ///< requests per second

/// Who gets SIGTERM first.
enum class Order : std::uint8_t {
  service,  ///< the process that was started, and only it
  app,      ///< the app below the proxy; the proxy ends when the app has
};

struct RunPlan {
  std::string title;
  check::Command command;
  std::uint16_t port = 0;
  Order order = Order::service;
};

struct RunResult {
  judge::Tally seen;                ///< of every attempt that ended after the signal
  std::uint64_t refused_early = 0;  ///< of the refused: within kRouted
  judge::Lag lag;
  Duration took{};     ///< from the signal to the exit
  std::string output;  ///< of the service, the newest of it

  [[nodiscard]] std::uint64_t lost() const { return seen.lost() + refused_early; }
};

class Run {
 public:
  using Progress = std::function<void(const std::string& line)>;

  /// `progress` is told a few times a second how it goes.
  Run(RunPlan plan, Progress progress);

  /// Error: the service did not start, did not answer or did not stop; status 130: interrupted by a signal.
  /// Nothing of the service is left afterwards.
  Result<RunResult> execute();

 private:
  enum class Stage : std::uint8_t { starting, warming, watching, settling, ending };

  Time tick(Time now);
  Time step(Time now);
  Time await_answer(Time now);
  Time warm_up(Time now);
  Time watch(Time now);
  Time settle(Time now);
  Time end(Time now);
  Time give_up(Error error);
  Time give_up_on_service(std::string what);
  void enter(Stage stage, Time now);
  void send_signal(Time now);
  void report_progress(Time now);

  [[nodiscard]] check::Load& load() { return stage_ == Stage::starting ? probe_ : load_; }

  [[nodiscard]] RunResult result() const;

  const RunPlan plan_;
  const Progress progress_;
  net::Loop loop_;
  check::Interrupt interrupt_;
  check::ServerProcess service_;
  check::Load probe_;  ///< asks until the app answers
  check::Load load_;
  Stage stage_ = Stage::starting;
  Time entered_{};
  Time signalled_{};
  Time next_progress_{};
  std::optional<Error> error_;
};

}  // namespace lastcall::demo
