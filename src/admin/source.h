// Source: all that the admin listener may know of the process it speaks for. The wiring implements it; admin/
// itself sees neither proxy/ nor wrapper/. Called on the control thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/metrics.h"
#include "base/time.h"
#include "drain/readiness.h"
#include "drain/report.h"

namespace lastcall::admin {

/// A shutdown under way. All times since its first signal, t0.
struct ShutdownView {
  Duration elapsed{};
  Duration drain_deadline{};
  Duration deadline{};
  std::vector<drain::PhaseSpan> phases{};     ///< the present one as long as it has lasted
  std::optional<Duration> last_connection{};  ///< the last new connection that carried a request
};

/// What is so now. No paths and no clients: /status is open to whoever reaches the listener.
struct StatusView {
  drain::Readiness readiness{};
  std::string unready_because{};  ///< why the app is not ready, if it says so itself
  drain::InFlight in_flight{};
  std::optional<Duration> oldest_request{};  ///< age of the oldest request in flight
  std::uint64_t answered = 0;                ///< requests answered since the start
  std::optional<ShutdownView> shutdown{};
};

class Source {
 public:
  virtual ~Source() = default;

  [[nodiscard]] virtual StatusView status() const = 0;

  /// Adds what StatusView does not tell: requests by method and code, their duration, what became of them in
  /// a drain.
  virtual void add_metrics(Metrics& metrics) const = 0;
};

}  // namespace lastcall::admin
