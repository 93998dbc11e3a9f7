// StepRun: one step while it runs, on a thread of its own or wherever its work goes on, and what stands
// behind a StepContext. It may outlive the shutdown: one that is abandoned goes on talking to nobody. Any
// thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "drain/coordinator.h"
#include "lastcall/clock.h"
#include "lastcall/step.h"

namespace lastcall::service {

class StepRun {
 public:
  /// Called once, when the step has ended and its function has returned.
  using Ended = std::function<void(drain::StepOutcome outcome, std::string detail)>;

  StepRun(std::shared_ptr<const Clock> clock, Time deadline, Ended ended);

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

  void request_stop() { stop_.request_stop(); }

  [[nodiscard]] Time deadline() const { return deadline_; }

  [[nodiscard]] Duration remaining() const;

  void note(std::string_view text);
  void lost(std::string_view what);

  /// The first call counts.
  void end(drain::StepOutcome outcome, std::string_view detail);

  /// The step's function has returned, and nothing that it held is left.
  void returned();

  [[nodiscard]] bool has_returned() const;

  [[nodiscard]] std::string notes() const;
  [[nodiscard]] std::string losses() const;

  static constexpr std::size_t kMaxText = 1024;  ///< of the notes, and of the losses; the rest is left out

 private:
  void tell_if_over(std::unique_lock<std::mutex> lock);

  const std::shared_ptr<const Clock> clock_;
  const Time deadline_;
  std::stop_source stop_;

  mutable std::mutex mutex_;
  Ended ended_;  ///< empty once called
  bool has_ended_ = false;
  bool has_returned_ = false;
  drain::StepOutcome outcome_ = drain::StepOutcome::done;
  std::string detail_;
  std::string notes_;
  std::string losses_;
};

/// What a step does: blocking, it has ended when it returns; asynchronous, with done() or fail().
struct StepWork {
  std::function<Result<void>(const StepContext& context)> run;
  bool blocking = true;
};

/// Runs it on a thread that takes no signals. An error or an exception is a failed step. Throws
/// std::system_error when there can be no thread.
[[nodiscard]] std::thread start_step(std::shared_ptr<StepRun> run, StepWork work);

}  // namespace lastcall::service
