// Health: what probes are told (contract LC103): started, live, ready. Its answers never wait for a
// dependency that hangs, and readiness is red from the first instant of a shutdown while liveness stays green
// to the end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lastcall/phase.h"
#include "lastcall/result.h"
#include "lastcall/time.h"

namespace lastcall {

namespace service {
class HealthBoard;
}

/// A dependency that must answer for the service to be ready: a database, a cache.
struct HealthCheck {
  std::string name{};
  Duration timeout = std::chrono::seconds(1);  ///< no answer within it: failing
  Duration cache = std::chrono::seconds(1);    ///< an answer is not older than this
  bool critical = true;                        ///< false: shown, but readiness does not depend on it
};

/// One dependency's last answer.
struct HealthDetail {
  std::string name{};
  bool healthy = false;
  bool critical = true;
  std::string detail{};  ///< why not, or what the check said
  Duration took{};
};

/// An answer to a probe.
struct HealthAnswer {
  bool healthy = false;
  int http_status = 503;  ///< 200 or 503
  Phase phase = Phase::starting;
  std::string detail{};  ///< "ready", "starting", "shutting down", "database: connection refused"
  std::vector<HealthDetail> checks{};

  /// {"status": "ready", "phase": "serving", "checks": [...]}; HTTP content type application/json.
  [[nodiscard]] std::string to_json() const;
};

/// Any thread.
class Health {
 public:
  explicit Health(std::shared_ptr<service::HealthBoard> board);

  /// Asks `check` on a thread of the library's own when an answer is wanted and the last one is too old;
  /// never twice at the same time. An error, as failure("refused") makes one, an exception or silence is
  /// failing. Error: the name is taken.
  [[nodiscard]] Result<void> add_check(HealthCheck options, std::function<Result<void>()> check);

  /// Start-up is over (Kubernetes startup probe).
  [[nodiscard]] HealthAnswer startup() const;

  /// 200 as long as the process can answer at all.
  [[nodiscard]] HealthAnswer live() const;

  /// 200 while serving, with every critical check passing. Waits at most for the longest timeout.
  [[nodiscard]] HealthAnswer ready() const;

 private:
  std::shared_ptr<service::HealthBoard> board_;
};

}  // namespace lastcall
