// HealthBoard: what stands behind Health: the phase, and the dependencies' last answers. Checks run on
// threads of their own, one at a time each; whoever asks waits for them no longer than their timeouts. Any
// thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "lastcall/clock.h"
#include "lastcall/health.h"

namespace lastcall::service {

class HealthBoard : public std::enable_shared_from_this<HealthBoard> {
 public:
  explicit HealthBoard(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}

  [[nodiscard]] Result<void> add_check(HealthCheck options, std::function<Result<void>()> ask);

  void enter(Phase phase) { phase_ = phase; }

  [[nodiscard]] HealthAnswer startup() const;
  [[nodiscard]] HealthAnswer live() const;
  [[nodiscard]] HealthAnswer ready();

  /// No check is asked any more. True if one of them still has not come back.
  [[nodiscard]] bool close();

 private:
  struct Check {
    HealthCheck options;
    std::function<Result<void>()> ask;
    bool asking = false;
    Time asked{};
    std::optional<HealthDetail> last{};
    Time answered{};
    std::thread thread{};  ///< of the last time that it was asked
  };

  void ask(Check& check);
  void take(Check& check, const Result<void>& result);
  [[nodiscard]] HealthDetail detail(std::unique_lock<std::mutex>& lock, const Check& check);
  [[nodiscard]] HealthAnswer answer(bool healthy, std::string_view detail) const;

  const std::shared_ptr<Clock> clock_;
  std::atomic<Phase> phase_{Phase::starting};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  std::vector<std::shared_ptr<Check>> checks_;
};

}  // namespace lastcall::service
