// Shutdown: carries the coordinator's actions out on the proxy and the child, feeds their completions back,
// and keeps the app's part of the report. It waits for nothing and judges nothing. Control thread.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "drain/coordinator.h"
#include "drain/drainable.h"
#include "log/logger.h"
#include "net/loop.h"
#include "wrapper/child.h"

namespace lastcall::wrapper {

class Shutdown final : public drain::Drainable::Observer {
 public:
  struct Options {
    drain::BudgetPlan budget;
    std::optional<int> stop_signal;
    std::optional<int> notify_signal;
    std::string signal_us_alone;  ///< how the platform is told to; empty: the usual ways
  };

  /// `finished` is called once, when only the report is left.
  Shutdown(Options options, drain::Drainable& drainable, Child& child, const log::Logger& logger,
           std::function<void()> finished);

  void app_started();
  void app_ready();

  /// Begins the shutdown, or adds a cause to it. `signal`: the one that we got, for the app if no other is
  /// set.
  void begin(drain::Begin event, int signal);
  void force(std::string cause);

  /// The program has exited; `app_gone()` follows once nothing below it is left.
  void app_exited(sys::ExitStatus exit);
  void app_gone(std::uint64_t descendants_killed);

  /// The app has begun to stop. During a shutdown and before our signal: somebody else's doing.
  void app_stopping(std::string_view how);

  /// Feeds the time; says when to call again.
  [[nodiscard]] Time tick(Time now);

  [[nodiscard]] const drain::Coordinator& coordinator() const { return coordinator_; }

  /// The signal that the app gets, or would have got.
  [[nodiscard]] int stop_signal() const;

  /// Everything but the exit status.
  [[nodiscard]] drain::DrainReport report() const;

  void redialled() override;
  void listener_closed() override;
  void drained() override;
  void lingered() override;

  static constexpr Duration kOrphanedDrain = 5s;  ///< for answers under way when the app has gone by itself

 private:
  void feed(drain::Event event);
  void carry_out(const drain::EnterPhase&);
  void carry_out(const drain::Announce& action);
  void carry_out(const drain::StartStep& action);
  void carry_out(const drain::AbandonStep& action);

  void carry_out(const drain::SkipStep&) {}  // no step of ours follows another

  void carry_out(const drain::Abort&) {}  // nobody here could unwind

  void carry_out(const drain::Finish& action);
  void log_phase();
  void tell_of_begin();
  void stop_app(Time deadline);
  void kill_app(const std::string& reason);
  void note_unasked_exit();
  void tell_of_others(std::string_view how);
  [[nodiscard]] Duration since_begin() const;

  drain::Coordinator coordinator_;
  const Options options_;
  drain::Drainable& drainable_;
  Child& child_;
  const log::Logger& logger_;
  const std::function<void()> finished_;
  drain::AppReport app_;
  int received_signal_ = 0;
  drain::Phase logged_phase_ = drain::Phase::starting;
  bool told_of_begin_ = false;
  bool told_of_others_ = false;
  bool cut_ = false;
  bool feeding_ = false;
  std::deque<drain::Event> events_;  ///< at most a few: each comes from an action that is carried out once
};

}  // namespace lastcall::wrapper
