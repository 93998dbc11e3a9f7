// Supervisor: what turns signals, the app's life and the clock into one orderly shutdown (LC101, LC102,
// LC401). It wires the child, the ready check, the shutdown and the progress line on the control loop; how a
// request is served is the drainable's business. Control thread.
#pragma once

#include <optional>
#include <set>

#include "drain/drainable.h"
#include "drain/readiness.h"
#include "log/logger.h"
#include "net/loop.h"
#include "wrapper/app_notices.h"
#include "wrapper/child.h"
#include "wrapper/progress.h"
#include "wrapper/ready_check.h"
#include "wrapper/service_manager.h"
#include "wrapper/settings.h"
#include "wrapper/shutdown.h"

namespace lastcall::wrapper {

class Supervisor final : private Child::Observer, private AppNotices::Observer {
 public:
  /// sys::block_signals() must have been called. Everything passed by reference outlives the supervisor.
  Supervisor(Settings settings, net::Loop& loop, drain::Drainable& drainable, const log::Logger& logger);
  ~Supervisor() override;

  /// Starts the app. Signals that came before are obeyed from now on. Error: 126, 127 or 125.
  Result<void> start();

  /// For the loop's hook: does what is due and says when to be called again. When all is over the supervisor
  /// stops the loop.
  [[nodiscard]] Time tick(Time now);

  /// What the drainable reports to.
  [[nodiscard]] drain::Drainable::Observer& observer() { return shutdown_; }

  [[nodiscard]] drain::Readiness readiness() const;

  /// Looks unready without a shutdown, and after the lame duck's minimum tells clients so; or takes that
  /// back. A signal that comes meanwhile begins the shutdown as ever. False: one is under way already.
  bool set_unready(bool unready);

  [[nodiscard]] const drain::Coordinator& coordinator() const { return shutdown_.coordinator(); }

  /// Once the loop has stopped: what happened, and the status to exit with.
  [[nodiscard]] const drain::DrainReport& report() const { return report_; }

 private:
  class SignalReader;

  void read_signals();
  void on_signal(const sys::Signal& signal);
  void on_stop_signal(int number);
  void reap();
  void end_orphans();
  void on_ready();
  void give_up_starting();
  void note_early_end() const;
  void finish();
  [[nodiscard]] Time tick_progress(Time now);
  [[nodiscard]] Time tick_unready(Time now);
  [[nodiscard]] Time tick_manager(Time now);
  [[nodiscard]] Duration left(Time now) const;

  void child_exited(sys::ExitStatus exit) override;
  void child_gone() override;
  void keeper_lost() override;
  void app_says_ready() override;
  void app_says_stopping() override;

  const Settings settings_;
  net::Loop& loop_;
  drain::Drainable& drainable_;
  const log::Logger& logger_;
  Child child_;
  ReadyCheck ready_check_;
  ReadyCheck live_check_;  ///< asks only once the app is ready, and nothing without a path
  Shutdown shutdown_;
  Progress progress_;
  AppNotices notices_;
  ServiceManager manager_;
  std::unique_ptr<SignalReader> signals_;
  Time start_deadline_ = Time::max();
  Time progress_due_{};
  int interrupts_ = 0;
  Time announce_at_ = Time::max();  ///< while looking unready
  bool unready_ = false;
  bool told_manager_ = false;
  bool never_ready_ = false;
  bool ending_orphans_ = false;
  std::set<pid_t> orphans_killed_;  ///< without a keeper
  drain::DrainReport report_;
};

}  // namespace lastcall::wrapper
