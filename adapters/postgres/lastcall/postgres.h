// PostgreSQL (libpq): transactions that are under way when a shutdown begins are waited for, and cancelled
// when time runs out, also if the server does not answer any more. Transactions is for a program that has its
// connections already; Pool is for one that has not. Neither knows SQL: what is leased is a PGconn.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>

#include <libpq-fe.h>

#include "lastcall/coordinator.h"

namespace lastcall::postgres {

/// What became of the transactions that were under way when the drain began.
struct Drained {
  std::size_t finished = 0;   ///< by themselves
  std::size_t cancelled = 0;  ///< by us, and ended then: rolled back, unless they had just committed
  std::size_t cut = 0;        ///< still there at the deadline; the server rolls them back on its own
};

/// One transaction under way. Move-only; destroy it when the transaction has ended, before anything else uses
/// the connection and before PQfinish().
class Transaction {
 public:
  struct Entry;

  Transaction() = default;

  explicit Transaction(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}

  Transaction(Transaction&&) noexcept = default;

  Transaction& operator=(Transaction&& other) noexcept {
    if (this != &other) {
      end();
      entry_ = std::move(other.entry_);
    }
    return *this;
  }

  ~Transaction() { end(); }

  /// Harmless when repeated.
  void end() noexcept;

 private:
  std::shared_ptr<Entry> entry_;
};

/// The transactions of a program, on connections of its own. Any thread; what it hands out may outlive it.
class Transactions {
 public:
  struct State;

  Transactions();

  /// Call it before BEGIN, on the thread that uses `connection`. Error: the drain has begun, or the
  /// connection is not open.
  [[nodiscard]] Result<Transaction> begin(PGconn* connection);

  /// Refuses new transactions and waits for those under way. Shortly before `deadline` (a fifth of the time,
  /// at most 1 s), or when asked to stop, each is cancelled as by PQcancel(), so that its thread gets an
  /// error and can roll back; connections on which that has no effect are shut down, which ends every blocked
  /// call on them and makes the server roll back. Returns by `deadline`.
  Drained drain(Time deadline, const std::stop_token& stop);

  /// The same for a step; tells it what was done, and what was lost.
  void drain(const StepContext& step);

  /// Adds the step. Error: as Coordinator::add_step().
  Result<void> drain_with(Coordinator& coordinator, Step step = {.name = "database"});

  [[nodiscard]] std::size_t under_way() const;

 private:
  std::shared_ptr<State> state_;
};

struct PoolOptions {
  /// As PQconnectdb() takes it: "host=db user=app", "postgresql://app@db". A host's name is looked up without
  /// a bound; an address is not.
  std::string connection{};
  std::size_t size = 8;                                ///< connections at most
  Duration connect_timeout = std::chrono::seconds(5);  ///< less if the drain begins
};

/// A connection that is the holder's own until it is destroyed, counted as one transaction. A connection that
/// comes back broken, or inside a transaction, is closed, which rolls back.
class Lease {
 public:
  struct Place;

  explicit Lease(std::unique_ptr<Place> place);
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;
  ~Lease();

  /// Never PQfinish() it.
  [[nodiscard]] PGconn* get() const;

 private:
  std::unique_ptr<Place> place_;
};

/// A bounded pool. Any thread; leases may outlive it.
class Pool {
 public:
  struct State;

  /// Connects to nothing yet.
  explicit Pool(PoolOptions options);
  /// Closes what is idle.
  ~Pool();
  Pool(Pool&&) noexcept = default;
  Pool& operator=(Pool&&) = delete;

  /// Waits for a free connection for `patience`; what connecting takes comes on top. Error: none came free,
  /// the server cannot be reached, the drain has begun.
  [[nodiscard]] Result<Lease> acquire(Duration patience = std::chrono::seconds(5));

  /// For Health::add_check(): whether the server answers a query. Not bounded by itself: the check's timeout
  /// is.
  [[nodiscard]] Result<void> ping();

  /// As Transactions::drain(); closes each connection as it comes back, and idle ones at once.
  Drained drain(Time deadline, const std::stop_token& stop);
  void drain(const StepContext& step);
  Result<void> drain_with(Coordinator& coordinator, Step step = {.name = "database"});

 private:
  std::shared_ptr<State> state_;
};

}  // namespace lastcall::postgres
