// Database: what OrderStore needs of one, so that SQLite and PostgreSQL are the same to it. A transaction is
// all or nothing, whatever happens to the process. Any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lastcall/coordinator.h"

namespace orders {

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

/// Inside a transaction.
class Session {
 public:
  virtual ~Session() = default;

  /// `sql` names its parameters $1, $2, … in this order.
  virtual lastcall::Result<Rows> query(const std::string& sql,
                                       const std::vector<std::string>& parameters) = 0;
};

class Database {
 public:
  using Work = std::function<lastcall::Result<void>(Session&)>;

  virtual ~Database() = default;

  /// Commits if `work` succeeds, else rolls back.
  virtual lastcall::Result<void> transaction(const Work& work) = 0;

  /// The type of a key that the database gives out by itself.
  [[nodiscard]] virtual std::string identity_type() const = 0;

  /// Adds the step that ends its transactions and closes it.
  virtual lastcall::Result<void> drain_with(lastcall::Coordinator& coordinator) = 0;
};

}  // namespace orders
