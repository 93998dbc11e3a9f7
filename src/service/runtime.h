// Runtime: what stands behind Coordinator: registration, the first instant of a shutdown on whatever thread
// it comes, and everything that lives from create() to the destructor. Carrying the shutdown out is
// ShutdownRun's work. Any thread; run() on one.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drain/coordinator.h"
#include "lastcall/coordinator.h"
#include "log/logger.h"
#include "service/health_board.h"
#include "service/inbox.h"
#include "service/kernel_signals.h"
#include "service/notifier.h"
#include "service/settings.h"
#include "service/shutdown_run.h"
#include "service/stop_link.h"
#include "service/watchdog.h"

namespace lastcall::service {

class Runtime {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Runtime>> create(Options options);

  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  [[nodiscard]] WorkScope& scope(std::string_view name);
  [[nodiscard]] Result<void> add_step(Step step, StepWork work);
  [[nodiscard]] Result<void> add_server(Server server);
  void on_announce(std::function<void()> announce);

  void started();
  void redialled();
  void begin(std::string cause);
  void force(std::string cause);
  [[nodiscard]] drain::DrainReport run();

  [[nodiscard]] std::vector<std::string> warnings() const;

  [[nodiscard]] const Options& options() const { return options_; }

  [[nodiscard]] Health& health() { return health_; }

  [[nodiscard]] const StopHub& tokens() const { return hub_; }

  [[nodiscard]] LinkedStop link(Time deadline) { return hub_.link(deadline); }

  [[nodiscard]] bool announced() const { return announced_; }

  [[nodiscard]] bool is_shutting_down() const { return phase_.load() > Phase::serving; }

  [[nodiscard]] Phase phase() const { return phase_; }

  [[nodiscard]] Time drain_deadline() const;

 private:
  struct Scope {
    explicit Scope(std::unique_ptr<WorkRegister> own) : work(own.get()), scope(std::move(own)) {}

    WorkRegister* work;  ///< the scope's own
    WorkScope scope;
    std::uint64_t at_signal = 0;
  };

  Runtime(Options options, Settings settings, std::unique_ptr<Watchdog> watchdog);

  [[nodiscard]] static Result<std::unique_ptr<Runtime>> make(Options options, Settings settings);

  [[nodiscard]] Result<void> add_locked(Step step, StepWork work);
  [[nodiscard]] Result<void> add_steps_of(Server& server);
  void log_if_refused(const std::string& name, const Result<void>& added) const;
  void begin_locked(const std::string& cause);
  void on_signal(int signal);
  void enter(Phase phase);
  void announce();
  [[nodiscard]] std::deque<Inbox::Letter> await_begin();
  [[nodiscard]] ShutdownRun::Parts freeze();
  void watch_for(Duration until_over);
  void log_begin() const;

  const Options options_;
  const Settings settings_;
  const log::Logger logger_;
  // First made and last destroyed, so that it watches over all the rest.
  const std::unique_ptr<Watchdog> watchdog_;
  std::shared_ptr<KernelSignals> kernel_signals_;  ///< if they are the process's own
  const std::shared_ptr<Inbox> inbox_;
  const std::shared_ptr<HealthBoard> board_;
  Health health_;
  StopHub hub_;
  std::atomic<Phase> phase_{Phase::starting};
  std::atomic<bool> announced_{false};

  mutable std::mutex mutex_;
  std::map<std::string, Scope, std::less<>> scopes_;
  std::vector<RegisteredStep> steps_;
  std::vector<std::function<void()>> announcements_;
  std::optional<drain::Budget> budget_;  ///< once begun
  std::string cause_;                    ///< what began it
  std::size_t causes_ = 0;
  bool forced_ = false;
  bool frozen_ = false;  ///< the machine has its steps
  int interrupts_ = 0;   ///< on the signals' thread
  std::atomic<bool> run_called_{false};

  Notifier notifier_;
  Notifier unwinder_;  ///< tells to stop at once: no callback of `notifier_` that takes long holds this up
};

}  // namespace lastcall::service
