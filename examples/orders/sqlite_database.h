// SqliteDatabase: orders in a file, durable once a transaction has committed. In a shutdown the last
// transaction ends, the log goes back into the file, and the file is closed. Any thread, one at a time.
#pragma once

#include <memory>
#include <mutex>

#include "database.h"
#include "lastcall/sqlite.h"

namespace orders {

class SqliteDatabase final : public Database {
 public:
  /// Error: the file cannot be opened.
  static lastcall::Result<std::unique_ptr<Database>> open(const std::string& file);

  explicit SqliteDatabase(sqlite3* database) : database_(database) {}

  lastcall::Result<void> transaction(const Work& work) override;
  [[nodiscard]] std::string identity_type() const override;
  lastcall::Result<void> drain_with(lastcall::Coordinator& coordinator) override;

 private:
  std::mutex one_at_a_time_;
  lastcall::sqlite::Database database_;
};

}  // namespace orders
