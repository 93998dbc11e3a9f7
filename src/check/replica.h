// Replica: one place behind a balancer, a port, in which a server is started, stopped and started again. Does
// what it is told and says how far it is. One thread, the loop's.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "base/time.h"
#include "check/load.h"
#include "check/rolling_plan.h"
#include "check/server_process.h"
#include "net/loop.h"

namespace lastcall::check {

/// What is asked again and again until it is answered well, each answer awaited.
class Question {
 public:
  Question(Scenario scenario, net::Loop& loop, Time now) : load_(std::move(scenario), loop) {
    load_.start(now);
  }

  /// To be called between the loop's batches; returns when it wants to be called again.
  Time tick(Time now);

  [[nodiscard]] bool answered() const { return answered_; }

 private:
  Load load_;
  bool answered_ = false;
};

class Replica {
 public:
  /// `plan` outlives it.
  Replica(const RollingPlan& plan, std::uint16_t port, net::Loop& loop)
      : plan_(plan), port_(port), loop_(loop) {}

  /// Only while gone(). Error: as ServerProcess::start.
  Result<void> start(Time now);

  void signal(int number) { process_->signal(number); }

  /// Kills what is left.
  void end();

  /// To be called between the loop's batches; returns when it wants to be called again.
  Time tick(Time now);

  [[nodiscard]] bool ready() const { return ready_; }

  [[nodiscard]] bool gone() const { return !process_ || process_->gone(); }

  [[nodiscard]] const ServerProcess& process() const { return *process_; }

 private:
  const RollingPlan& plan_;
  const std::uint16_t port_;
  net::Loop& loop_;
  std::unique_ptr<ServerProcess> process_;
  std::unique_ptr<Question> question_;
  bool ready_ = false;
};

}  // namespace lastcall::check
