// SQLite: a database whose last transaction is finished or rolled back, whose write-ahead log is put back
// into the file, and which is closed, however long a statement would still have run. No queries of its own:
// what is used is a sqlite3.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>

#include <sqlite3.h>

#include "lastcall/coordinator.h"

namespace lastcall::sqlite {

struct Drained {
  std::size_t finished = 0;     ///< uses that ended by themselves
  std::size_t interrupted = 0;  ///< uses that ended once they were interrupted
  std::size_t left = 0;         ///< uses that did not: then the database is left open, as after a crash
  bool rolled_back = false;     ///< nobody used it any more, and a transaction was open
  bool closed = false;
  std::string error{};         ///< why it is not closed, or why its log is not all in the file
  std::size_t statements = 0;  ///< not finalized: the file is closed with the last of them
};

/// A database and whoever uses it; how they keep out of each other's way is theirs. Any thread; uses may
/// outlive it.
class Database {
 public:
  struct State;

  /// The right to use the database, for as long as it lives: for one transaction. Move-only.
  class Use {
   public:
    explicit Use(std::shared_ptr<State> state) : state_(std::move(state)) {}

    Use(Use&&) noexcept = default;
    Use& operator=(Use&&) = delete;
    ~Use();

    /// Never sqlite3_close() it.
    [[nodiscard]] sqlite3* get() const;

   private:
    std::shared_ptr<State> state_;
  };

  /// Takes over `database`, as sqlite3_open() gave it.
  explicit Database(sqlite3* database);

  /// Error: the drain has begun.
  [[nodiscard]] Result<Use> use();

  /// Refuses new uses and waits for those there are. Shortly before `deadline` (a fifth of the time, at most
  /// 1 s), or when asked to stop, calls sqlite3_interrupt(), so that they can roll back. Then rolls back what
  /// was left open, runs wal_checkpoint(TRUNCATE) and closes. Returns by `deadline`, but for the disk's part.
  Drained drain(Time deadline, const std::stop_token& stop);

  /// The same for a step. Error: it could not be closed.
  Result<void> drain(const StepContext& step);

  /// Adds the step. Error: as Coordinator::add_step().
  Result<void> drain_with(Coordinator& coordinator, Step step = {.name = "database"});

 private:
  std::shared_ptr<State> state_;
};

}  // namespace lastcall::sqlite
