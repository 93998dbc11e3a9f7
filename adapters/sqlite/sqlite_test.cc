// The drain of an SQLite database in a file of its own.
#include "lastcall/sqlite.h"

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sqlite {
namespace {

using namespace std::chrono_literals;

constexpr const char* kEndless =
    "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count) SELECT max(n) FROM count";

int run(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
}

/// A transaction with a statement that never ends, running once this is made.
class Endless {
 public:
  explicit Endless(Database& database) : use_(std::make_unique<Database::Use>(database.use().value())) {
    run(use_->get(), "BEGIN; INSERT INTO orders VALUES (1)");
    sqlite3_progress_handler(use_->get(), 1000, tell_progress, this);
    thread_ = std::jthread([this] {
      answer_ = run(use_->get(), kEndless);
      run(use_->get(), "ROLLBACK");
      use_.reset();
    });
    runs_.get_future().wait();
  }

  int answer() {
    thread_.join();
    return answer_;
  }

 private:
  static int tell_progress(void* self) {
    auto* endless = static_cast<Endless*>(self);
    if (!std::exchange(endless->told_, true)) {
      endless->runs_.set_value();
    }
    return 0;
  }

  std::unique_ptr<Database::Use> use_;
  std::promise<void> runs_;
  bool told_ = false;
  int answer_ = SQLITE_OK;
  std::jthread thread_;
};

class Sqlite : public ::testing::Test {
 public:
  ~Sqlite() override {
    sqlite3_close(observer_);
    std::filesystem::remove_all(folder_);
  }

 protected:
  Sqlite() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("lastcall-sqlite-" + std::to_string(sys::own_pid()) + "-" + test->name());
    std::filesystem::create_directory(folder_);
    observer_ = open();
    run(observer_, "PRAGMA journal_mode = WAL; CREATE TABLE orders (id int)");
  }

  [[nodiscard]] sqlite3* open() const {
    sqlite3* database = nullptr;
    sqlite3_open((folder_ / "orders.db").c_str(), &database);
    return database;
  }

  int orders() {
    int count = -1;
    const auto read = [](void* into, int, char** values, char**) {
      *static_cast<int*>(into) = std::stoi(values[0]);
      return 0;
    };
    sqlite3_exec(observer_, "SELECT count(*) FROM orders", read, &count, nullptr);
    return count;
  }

  [[nodiscard]] std::uintmax_t log_size() const {
    return std::filesystem::file_size(folder_ / "orders.db-wal");
  }

  std::filesystem::path folder_;
  sqlite3* observer_ = nullptr;
};

TEST_F(Sqlite, PutsTheLogIntoTheFileAndCloses) {
  Database database(open());
  run(database.use()->get(), "INSERT INTO orders VALUES (1)");
  EXPECT_GT(log_size(), 0);
  const Drained drained = database.drain(sys::now() + 30s, {});
  EXPECT_TRUE(drained.closed);
  EXPECT_EQ(drained.error, "");
  EXPECT_EQ(log_size(), 0);
  EXPECT_EQ(orders(), 1);
  EXPECT_FALSE(database.use());
}

TEST_F(Sqlite, WaitsForATransactionThatCommitsInTime) {
  Database database(open());
  auto use = std::make_unique<Database::Use>(database.use().value());
  run(use->get(), "BEGIN; INSERT INTO orders VALUES (1)");
  std::jthread handler([&] {
    while (database.use()) {
    }
    EXPECT_EQ(run(use->get(), "COMMIT"), SQLITE_OK);
    use.reset();
  });
  const Drained drained = database.drain(sys::now() + 30s, {});
  EXPECT_TRUE(drained.closed);
  EXPECT_GE(drained.finished, 1);  // the handler's questions count, too, while they are asked
  EXPECT_EQ(drained.interrupted, 0);
  EXPECT_FALSE(drained.rolled_back);
  EXPECT_EQ(orders(), 1);
}

TEST_F(Sqlite, InterruptsAStatementThatDoesNotEndInTime) {
  Database database(open());
  Endless endless(database);
  const Drained drained = database.drain(sys::now() + 500ms, {});
  EXPECT_EQ(endless.answer(), SQLITE_INTERRUPT);
  EXPECT_EQ(drained.interrupted, 1);
  EXPECT_TRUE(drained.closed);
  EXPECT_EQ(orders(), 0);
}

TEST_F(Sqlite, InterruptsAtOnceWhenAskedToStop) {
  Database database(open());
  Endless endless(database);
  Drained drained;
  std::jthread step([&](const std::stop_token& stop) { drained = database.drain(sys::now() + 1h, stop); });
  step.request_stop();
  step.join();
  EXPECT_EQ(endless.answer(), SQLITE_INTERRUPT);
  EXPECT_EQ(drained.interrupted, 1);
}

TEST_F(Sqlite, RollsBackATransactionThatWasLeftOpen) {
  Database database(open());
  run(database.use()->get(), "BEGIN; INSERT INTO orders VALUES (1)");
  const Drained drained = database.drain(sys::now() + 30s, {});
  EXPECT_TRUE(drained.rolled_back);
  EXPECT_TRUE(drained.closed);
  EXPECT_EQ(orders(), 0);
  EXPECT_EQ(run(observer_, "INSERT INTO orders VALUES (2)"), SQLITE_OK);
}

TEST_F(Sqlite, ClosesWithAStatementThatNobodyFinalized) {
  Database database(open());
  sqlite3_stmt* statement = nullptr;
  run(database.use()->get(), "INSERT INTO orders VALUES (1)");
  sqlite3_prepare_v2(database.use()->get(), "SELECT id FROM orders", -1, &statement, nullptr);
  sqlite3_step(statement);
  const Drained drained = database.drain(sys::now() + 30s, {});
  EXPECT_EQ(drained.error, "");
  EXPECT_EQ(drained.statements, 1);
  EXPECT_EQ(log_size(), 0);
  sqlite3_finalize(statement);
}

TEST_F(Sqlite, LeavesADatabaseThatIsStillInUse) {
  Database database(open());
  const auto use = database.use();
  const Drained drained = database.drain(sys::now() + 100ms, {});
  EXPECT_FALSE(drained.closed);
  EXPECT_EQ(drained.left, 1);
  EXPECT_EQ(run(use->get(), "INSERT INTO orders VALUES (1)"), SQLITE_OK);
}

TEST_F(Sqlite, TellsWhenAReaderKeepsTheLog) {
  Database database(open());
  run(observer_, "BEGIN");
  EXPECT_EQ(orders(), 0);
  run(database.use()->get(), "INSERT INTO orders VALUES (1)");
  const Drained drained = database.drain(sys::now() + 200ms, {});
  EXPECT_TRUE(drained.closed);
  EXPECT_EQ(drained.error, "the log is not all in the file: database is locked");
}

}  // namespace
}  // namespace lastcall::sqlite
