// PostgresDatabase: orders in PostgreSQL, on the pool of lastcall::postgres, which in a shutdown waits for
// the transactions under way, and cancels and rolls back what does not end in time. Any thread.
#pragma once

#include "database.h"
#include "lastcall/postgres.h"

namespace orders {

class PostgresDatabase final : public Database {
 public:
  /// `connection`: "postgresql://user@host:port/database". Connects to nothing yet.
  explicit PostgresDatabase(const std::string& connection);

  lastcall::Result<void> transaction(const Work& work) override;
  [[nodiscard]] std::string identity_type() const override;
  lastcall::Result<void> drain_with(lastcall::Coordinator& coordinator) override;

 private:
  lastcall::postgres::Pool pool_;
};

}  // namespace orders
