// DrainReport: what a shutdown did, and what it could not (contract LC502). All times are since its first
// signal.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lastcall/time.h"

namespace lastcall {

namespace drain {
struct DrainReport;
}

struct StepResult {
  std::string name{};
  std::string outcome{};  ///< done, failed, abandoned, skipped
  std::string detail{};   ///< why, if not done; what the step noted, if it is
  Duration began{};
  Duration lasted{};
};

/// Work that was still in flight at the drain deadline, or when the shutdown was forced.
struct CutWork {
  std::string scope{};
  std::string label{};
  Duration age{};
};

struct ScopeResult {
  std::string name{};
  std::uint64_t at_signal = 0;  ///< in flight when the shutdown began
  std::uint64_t finished = 0;   ///< ended by themselves since
  std::uint64_t refused = 0;    ///< turned away by the closed scope
  std::uint64_t cut = 0;        ///< still in flight when time ran out
};

/// A value; any thread.
class DrainReport {
 public:
  explicit DrainReport(std::shared_ptr<const drain::DrainReport> report);

  /// Nothing cut, lost or abandoned, nothing failed, not forced.
  [[nodiscard]] bool clean() const;

  /// 0 clean, 1 not (contract LC501).
  [[nodiscard]] int exit_code() const;

  /// What began it: "SIGTERM", or the reason given to shutdown().
  [[nodiscard]] std::string cause() const;

  [[nodiscard]] bool forced() const;
  [[nodiscard]] Duration took() const;
  [[nodiscard]] std::vector<StepResult> steps() const;
  [[nodiscard]] std::vector<ScopeResult> scopes() const;
  [[nodiscard]] std::vector<CutWork> cut() const;

  /// The whole of it, schema "lastcall.drain-report/1" (docs/drain-report.md).
  [[nodiscard]] std::string to_json() const;

  /// A few lines for people.
  [[nodiscard]] std::string to_text() const;

 private:
  friend int finish(const DrainReport& report);

  std::shared_ptr<const drain::DrainReport> report_;
};

/// For `return lastcall::finish(coordinator.run());`. Returns exit_code(), so that main() unwinds as always.
/// If a step or a piece of work was left running, unwinding under its feet could crash: then it flushes
/// standard output and standard error and ends the process at once, with the same status.
[[nodiscard]] int finish(const DrainReport& report);

}  // namespace lastcall
