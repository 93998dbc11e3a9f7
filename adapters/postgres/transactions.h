// What Transactions and the drains of its steps share: the entries of all transactions under way. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/occupancy.h"
#include "lastcall/postgres.h"
#include "sys/fd.h"

namespace lastcall::postgres {

/// Owned by its Transaction, and shared with the drain and the canceller: both may still look at it when the
/// transaction has just ended.
struct Transaction::Entry {
  struct FreeCancel {
    void operator()(PGcancel* own) const { PQfreeCancel(own); }
  };

  std::shared_ptr<Transactions::State> transactions;
  std::unique_ptr<PGcancel, FreeCancel> cancel;
  /// A duplicate: libpq closes its own descriptor, in another thread, whenever the connection breaks.
  sys::UniqueFd socket;
};

struct Transactions::State : std::enable_shared_from_this<State> {
  Occupancy occupancy;
  std::mutex mutex;
  std::vector<std::shared_ptr<Transaction::Entry>> entries;  ///< guarded by mutex
  bool cancelling = false;                                   ///< guarded by mutex
  std::size_t cancelled = 0;                                 ///< guarded by mutex: ended since cancelling

  [[nodiscard]] Drained drain(Time deadline, const std::stop_token& stop);
  void drain(const StepContext& step);
  [[nodiscard]] std::vector<std::shared_ptr<Transaction::Entry>> begin_cancelling();
};

}  // namespace lastcall::postgres
