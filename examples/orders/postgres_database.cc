#include "postgres_database.h"

#include <memory>

namespace orders {
namespace {

using lastcall::Failure;
using lastcall::Result;

constexpr std::size_t kConnections = 8;

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(PGconn* connection) : connection_(connection) {}

  Result<Rows> query(const std::string& sql, const std::vector<std::string>& parameters) override {
    std::vector<const char*> values;
    for (const std::string& parameter : parameters) {
      values.push_back(parameter.c_str());
    }
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                     nullptr, nullptr, 0),
        PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      return lastcall::failure(std::string("the database: ") + PQerrorMessage(connection_));
    }
    Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (int column = 0; column < PQnfields(result.get()); ++column) {
        rows[i].emplace_back(PQgetvalue(result.get(), static_cast<int>(i), column));
      }
    }
    return rows;
  }

 private:
  PGconn* connection_;
};

}  // namespace

PostgresDatabase::PostgresDatabase(const std::string& connection)
    : pool_({.connection = connection, .size = kConnections}) {}

// A connection that comes back inside a transaction is closed by the pool, which rolls it back.
Result<void> PostgresDatabase::transaction(const Work& work) {
  const auto lease = pool_.acquire();
  if (!lease) {
    return Failure(lease.error());
  }
  PostgresSession session(lease->get());
  if (auto begun = session.query("BEGIN", {}); !begun) {
    return Failure(begun.error());
  }
  if (auto worked = work(session); !worked) {
    session.query("ROLLBACK", {});
    return worked;
  }
  auto committed = session.query("COMMIT", {});
  return committed ? Result<void>() : Failure(committed.error());
}

std::string PostgresDatabase::identity_type() const {
  return "BIGINT GENERATED ALWAYS AS IDENTITY";
}

Result<void> PostgresDatabase::drain_with(lastcall::Coordinator& coordinator) {
  return pool_.drain_with(coordinator, {.name = "database", .after = {"transaction worker"}});
}

}  // namespace orders
