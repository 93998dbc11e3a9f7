// Step: one ordered piece of a shutdown, and the StepContext that its function is given.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "lastcall/time.h"

namespace lastcall {

namespace service {
class StepRun;
}

/// The order of a shutdown (contract LC402). Steps of one stage run at the same time; those of a later one
/// begin when all of the earlier ones are over, whatever became of them. Work scopes are closed when
/// `connections` is over, and waited for with `work`. Once forced, or past the deadline, only steps of the
/// first three (which then cut) and of `logs` are still begun; the others are skipped.
enum class Stage : std::uint8_t {
  intake,       ///< listeners closed, consumers paused: nothing new comes in
  connections,  ///< connections ended: keep-alive, WebSockets
  work,         ///< background work that was begun is finished or given back
  producers,    ///< what is buffered for others is flushed: outbox, publisher confirms
  consumers,    ///< queues left; what is not acknowledged goes back
  caches,       ///< caches and locks released
  databases,    ///< transactions committed or rolled back, pools closed
  files,        ///< flushed, synced, closed
  metrics,      ///< pushed, or scraped a last time
  logs,         ///< flushed last
};

[[nodiscard]] std::string_view to_string(Stage stage);

struct Step {
  std::string name{};
  Stage stage = Stage::databases;

  /// Names of steps that this one builds on, added before it, of the same or an earlier stage. It begins
  /// after them, and it is skipped, with the reason, if one of them was abandoned: that one may still be
  /// using what this one closes.
  std::vector<std::string> after{};

  /// Its own limit; it gets min(this, what is left). Past that it is abandoned: nothing waits for it any
  /// more, and the shutdown is not clean. Without one: half of the drain for the intake, what is left of it
  /// up to `work`; later, what is left until the deadline, shared equally among the stages still to come.
  /// So a step that hangs leaves time for those after it.
  Duration budget = Duration::max();

  /// Abandoning it loses nothing: the shutdown is clean all the same.
  bool courtesy = false;
};

/// What a step's function may ask and say. A handle: copies speak of the same step, and outlive it
/// harmlessly. Any thread.
class StepContext {
 public:
  explicit StepContext(std::shared_ptr<service::StepRun> run);

  /// Asked to stop when the step is abandoned or the shutdown is forced. It is not the abort token: cleanup
  /// that runs after an abort is not cancelled by it.
  [[nodiscard]] std::stop_token token() const;

  [[nodiscard]] Time deadline() const;

  /// Until the deadline; never negative.
  [[nodiscard]] Duration remaining() const;

  /// Kept as the step's detail in the report: "3 transactions rolled back".
  void note(std::string_view text) const;

  /// Something was lost although the step ends: the report is not clean, and the exit status is 1.
  void lost(std::string_view what) const;

  /// An asynchronous step has ended. Harmless when repeated.
  void done() const;

  /// An asynchronous step has failed. Harmless after done().
  void fail(std::string_view why) const;

 private:
  std::shared_ptr<service::StepRun> run_;
};

}  // namespace lastcall
