#include "sqlite_database.h"

namespace orders {
namespace {

using lastcall::Failure;
using lastcall::Result;

// A committed order survives the power going off.
constexpr const char* kSettings =
    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";

class SqliteSession final : public Session {
 public:
  explicit SqliteSession(sqlite3* database) : database_(database) {}

  Result<Rows> query(const std::string& sql, const std::vector<std::string>& parameters) override {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
      return error();
    }
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(prepared, sqlite3_finalize);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string& text = parameters[i];
      sqlite3_bind_text(prepared, static_cast<int>(i + 1), text.data(), static_cast<int>(text.size()),
                        SQLITE_STATIC);
    }
    Rows rows;
    int status = sqlite3_step(prepared);
    for (; status == SQLITE_ROW; status = sqlite3_step(prepared)) {
      rows.push_back(read_row(prepared));
    }
    return status == SQLITE_DONE ? Result<Rows>(std::move(rows)) : error();
  }

 private:
  static Row read_row(sqlite3_stmt* statement) {
    Row row;
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      const void* text = sqlite3_column_blob(statement, column);
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      row.emplace_back(static_cast<const char*>(text), size);
    }
    return row;
  }

  [[nodiscard]] Failure error() const {
    return lastcall::failure(std::string("the database: ") + sqlite3_errmsg(database_));
  }

  sqlite3* database_;
};

}  // namespace

Result<std::unique_ptr<Database>> SqliteDatabase::open(const std::string& file) {
  sqlite3* opened = nullptr;
  const int status = sqlite3_open(file.c_str(), &opened);
  auto database = std::make_unique<SqliteDatabase>(opened);
  if (status != SQLITE_OK || sqlite3_exec(opened, kSettings, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return lastcall::failure("cannot open " + file + ": " + sqlite3_errmsg(opened));
  }
  return database;
}

Result<void> SqliteDatabase::transaction(const Work& work) {
  const std::lock_guard lock(one_at_a_time_);
  const auto use = database_.use();
  if (!use) {
    return Failure(use.error());
  }
  SqliteSession session(use->get());
  if (auto begun = session.query("BEGIN IMMEDIATE", {}); !begun) {
    return Failure(begun.error());
  }
  auto worked = work(session);
  if (worked) {
    worked = session.query("COMMIT", {}).map([](const Rows&) {});
  }
  if (!worked) {
    session.query("ROLLBACK", {});
  }
  return worked;
}

std::string SqliteDatabase::identity_type() const {
  return "INTEGER";
}

Result<void> SqliteDatabase::drain_with(lastcall::Coordinator& coordinator) {
  return database_.drain_with(coordinator, {.name = "database", .after = {"transaction worker"}});
}

}  // namespace orders
