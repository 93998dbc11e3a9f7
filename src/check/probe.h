// Prober: asks a health endpoint every 10 ms, each time on a fresh connection, and records what it said. Not
// a judge, and no calm one: a slow answer does not delay the next question. One thread, the loop's; its owner
// calls tick() after every batch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "check/load.h"
#include "judge/trial.h"
#include "net/loop.h"
#include "sys/address.h"

namespace lastcall::check {

class Prober {
 public:
  struct Plan {
    sys::Address target;
    std::string host = "localhost";
    std::string path;
    Duration every = 10ms;
    Duration timeout = 1s;
    std::vector<std::string> headers{};  ///< see Scenario::headers
  };

  Prober(const Plan& plan, net::Loop& loop);

  void start(Time now) { load_.start(now); }

  /// Asks what is due; returns when it wants to be called again.
  Time tick(Time now) { return load_.tick(now); }

  /// Asks no more; what has been asked may still be answered.
  void stop() { load_.stop(); }

  /// In the order of the questions. A question without an answer has the status 0 and an errno: ETIMEDOUT
  /// after Plan::timeout, 0 if the connection was closed in good order without one.
  [[nodiscard]] std::vector<judge::Probe> probes() const;

  /// The one that ended last.
  [[nodiscard]] std::optional<judge::Probe> latest() const;

 private:
  Load load_;
};

}  // namespace lastcall::check
