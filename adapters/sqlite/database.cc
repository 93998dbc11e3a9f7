#include <algorithm>
#include <utility>

#include "base/last_share.h"
#include "base/occupancy.h"
#include "lastcall/sqlite.h"
#include "sys/sys.h"

namespace lastcall::sqlite {
namespace {

int milliseconds_until(Time until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - sys::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 60'000));
}

/// Statements that nobody runs any more and nobody has finalized would keep the log from being checkpointed.
std::size_t reset_statements(sqlite3* database) {
  std::size_t count = 0;
  for (sqlite3_stmt* statement = sqlite3_next_stmt(database, nullptr); statement != nullptr;
       statement = sqlite3_next_stmt(database, statement)) {
    sqlite3_reset(statement);
    ++count;
  }
  return count;
}

std::string uses(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " use" : " uses");
}

}  // namespace

struct Database::State {
  explicit State(sqlite3* own) : database(own) {}

  ~State() { sqlite3_close_v2(database); }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] Drained drain(Time deadline, const std::stop_token& stop);
  Result<void> drain(const StepContext& step);
  void close(Time until, Drained& drained);

  Occupancy occupancy;
  sqlite3* database;  ///< null once closed; the users', and once there is none, the drain's
};

Database::Database(sqlite3* database) : state_(std::make_shared<State>(database)) {}

Result<Database::Use> Database::use() {
  if (state_->occupancy.enter(Time::min()) != Occupancy::Entry::entered) {
    return failure("the database is closed: the service is shutting down");
  }
  return Use(state_);
}

Database::Use::~Use() {
  if (state_) {
    state_->occupancy.leave();
  }
}

sqlite3* Database::Use::get() const {
  return state_->database;
}

Drained Database::drain(Time deadline, const std::stop_token& stop) {
  return state_->drain(deadline, stop);
}

Result<void> Database::drain(const StepContext& step) {
  return state_->drain(step);
}

Result<void> Database::drain_with(Coordinator& coordinator, Step step) {
  return coordinator.add_step(std::move(step),
                              [state = state_](const StepContext& context) { return state->drain(context); });
}

Drained Database::State::drain(Time deadline, const std::stop_token& stop) {
  Drained drained;
  const std::size_t at_start = occupancy.close();
  const Duration share = last_share(deadline - sys::now());
  if (!occupancy.wait_until_empty(deadline - share, stop)) {
    drained.interrupted = occupancy.inside();
    sqlite3_interrupt(database);
    static_cast<void>(occupancy.wait_until_empty(std::min(sys::now() + share / 2, deadline), {}));
    drained.left = occupancy.inside();
    drained.interrupted -= std::min(drained.interrupted, drained.left);
  }
  drained.finished = at_start - drained.interrupted - drained.left;
  if (drained.left > 0 || database == nullptr) {
    drained.error = drained.left > 0 ? "still in use by " + std::to_string(drained.left) : "it was not open";
    return drained;
  }
  close(stop.stop_requested() ? sys::now() + share / 4 : deadline - share / 4, drained);
  return drained;
}

void Database::State::close(Time until, Drained& drained) {
  drained.statements = reset_statements(database);
  sqlite3_busy_timeout(database, milliseconds_until(until));  // for other processes' locks
  if (sqlite3_get_autocommit(database) == 0) {
    drained.rolled_back = sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  if (sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) !=
      SQLITE_OK) {
    drained.error = std::string("the log is not all in the file: ") + sqlite3_errmsg(database);
  }
  drained.closed = sqlite3_close_v2(std::exchange(database, nullptr)) == SQLITE_OK;
}

Result<void> Database::State::drain(const StepContext& step) {
  const Drained drained = drain(sys::now() + step.remaining(), step.token());
  step.note(uses(drained.finished) + " finished");
  if (drained.interrupted > 0) {
    step.lost(uses(drained.interrupted) + " interrupted");
  }
  if (drained.rolled_back) {
    step.lost("an open transaction rolled back");
  }
  if (drained.statements > 0) {
    step.note(std::to_string(drained.statements) + " statements not finalized");
  }
  if (!drained.closed) {
    return failure("not closed: " + drained.error);
  }
  if (!drained.error.empty()) {
    step.note(drained.error);
  }
  return {};
}

}  // namespace lastcall::sqlite
