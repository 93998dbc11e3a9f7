// The drain of PostgreSQL connections, against a real server.
#include "lastcall/postgres.h"

#include <future>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "brokers/brokers.h"
#include "sys/sys.h"
#include "sys/wait_ready.h"

namespace lastcall::postgres {
namespace {

using namespace std::chrono_literals;

const testing::Broker& server() {
  static const testing::Broker broker = testing::Broker::named("POSTGRES");
  return broker;
}

std::string connection_string(int port) {
  return "host=127.0.0.1 user=lastcall dbname=postgres port=" + std::to_string(port);
}

/// What a query says: its first field, or the error's SQLSTATE, or "connection lost".
std::string ask(PGconn* connection, const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, sql.c_str()), PQclear);
  if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) {
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
    return "ok";
  }
  const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return state != nullptr ? state : "connection lost";
}

constexpr const char* kQueryCanceled = "57014";

class Postgres : public ::testing::Test {
 public:
  ~Postgres() override { PQfinish(observer_); }

 protected:
  Postgres() : observer_(PQconnectdb(connection_string(server().port).c_str())) {
    ask(observer_,
        "SET client_min_messages = error; DROP TABLE IF EXISTS orders; CREATE TABLE orders (id int)");
  }

  static Pool make_pool(std::size_t size = 4) {
    return Pool({.connection = connection_string(server().port), .size = size});
  }

  std::string orders() { return ask(observer_, "SELECT count(*) FROM orders"); }

  /// Asks until the answer is what it must become, for a while.
  std::string ask_until(const std::string& expected, const std::string& sql) {
    const Time until = sys::now() + 10s;
    std::string answer = ask(observer_, sql);
    while (answer != expected && sys::now() < until) {
      answer = ask(observer_, sql);
    }
    return answer;
  }

  /// Until a handler's pg_sleep() has begun: a cancel that comes before it has no effect.
  void wait_for_sleep() {
    EXPECT_EQ(ask_until("1",
                        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT "
                        "pg_sleep(60)'"),
              "1");
  }

  /// Server processes that are left, our own not counted, once those that are being closed are gone.
  std::string connections() {
    return ask_until("0",
                     "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
                     "pg_backend_pid()");
  }

  PGconn* observer_;
};

TEST_F(Postgres, ReusesConnectionsUpToItsSize) {
  Pool pool = make_pool(1);
  std::string first;
  {
    const auto lease = pool.acquire();
    ASSERT_TRUE(lease) << lease.error().what;
    first = ask(lease->get(), "SELECT pg_backend_pid()");
    const auto refused = pool.acquire(0s);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, "no connection: all 1 are in use");
  }
  const auto lease = pool.acquire();
  ASSERT_TRUE(lease);
  EXPECT_EQ(ask(lease->get(), "SELECT pg_backend_pid()"), first);
}

TEST_F(Postgres, ClosesAConnectionThatComesBackInsideATransaction) {
  Pool pool = make_pool(1);
  {
    const auto lease = pool.acquire();
    ASSERT_TRUE(lease);
    ask(lease->get(), "BEGIN; INSERT INTO orders VALUES (1)");
  }
  const auto lease = pool.acquire();
  ASSERT_TRUE(lease);
  EXPECT_EQ(PQtransactionStatus(lease->get()), PQTRANS_IDLE);
  EXPECT_EQ(orders(), "0");
}

TEST_F(Postgres, ReplacesAnIdleConnectionThatTheServerHasClosed) {
  Pool pool = make_pool(1);
  std::string first;
  {
    const auto lease = pool.acquire();
    ASSERT_TRUE(lease);
    first = ask(lease->get(), "SELECT pg_backend_pid()");
  }
  ask(observer_, "SELECT pg_terminate_backend(" + first + ", 10000)");
  const auto lease = pool.acquire();
  ASSERT_TRUE(lease) << lease.error().what;
  EXPECT_NE(ask(lease->get(), "SELECT pg_backend_pid()"), first);
}

TEST_F(Postgres, WaitsForTransactionsThatCommitInTime) {
  Pool pool = make_pool();
  std::promise<void> inserted;
  std::jthread handler([&] {
    const auto lease = pool.acquire();
    ask(lease->get(), "BEGIN; INSERT INTO orders VALUES (1)");
    inserted.set_value();
    ask(lease->get(), "SELECT pg_sleep(0.2)");
    EXPECT_EQ(ask(lease->get(), "COMMIT"), "ok");
  });
  inserted.get_future().wait();
  const Drained drained = pool.drain(sys::now() + 30s, {});
  EXPECT_EQ(drained.finished, 1);
  EXPECT_EQ(drained.cancelled + drained.cut, 0);
  EXPECT_EQ(orders(), "1");
  EXPECT_EQ(connections(), "0");
}

TEST_F(Postgres, CancelsATransactionThatDoesNotEndInTimeAndItIsRolledBack) {
  Pool pool = make_pool();
  std::string answer;
  std::jthread handler([&] {
    const auto lease = pool.acquire();
    ask(lease->get(), "BEGIN; INSERT INTO orders VALUES (1)");
    answer = ask(lease->get(), "SELECT pg_sleep(60)");
  });
  wait_for_sleep();
  const Drained drained = pool.drain(sys::now() + 2s, {});
  handler.join();
  EXPECT_EQ(answer, kQueryCanceled);
  EXPECT_EQ(drained.cancelled, 1);
  EXPECT_EQ(drained.finished + drained.cut, 0);
  EXPECT_EQ(orders(), "0");
  EXPECT_EQ(connections(), "0");
}

TEST_F(Postgres, CancelsAtOnceWhenAskedToStop) {
  Pool pool = make_pool();
  std::jthread handler([&] {
    const auto lease = pool.acquire();
    EXPECT_EQ(ask(lease->get(), "SELECT pg_sleep(60)"), kQueryCanceled);
  });
  wait_for_sleep();
  Drained drained;
  std::jthread step([&](const std::stop_token& stop) { drained = pool.drain(sys::now() + 1h, stop); });
  step.request_stop();
  step.join();
  EXPECT_EQ(drained.cancelled, 1);
}

TEST_F(Postgres, CutsAConnectionWhoseHolderDoesNotComeBack) {
  Pool pool = make_pool();
  auto lease = pool.acquire();
  ASSERT_TRUE(lease);
  ask(lease->get(), "BEGIN; INSERT INTO orders VALUES (1)");
  const Drained drained = pool.drain(sys::now() + 200ms, {});
  EXPECT_EQ(drained.cut, 1);
  EXPECT_EQ(ask(lease->get(), "COMMIT"), "connection lost");
  EXPECT_EQ(orders(), "0");
}

TEST_F(Postgres, ReturnsThoughTheServerHangs) {
  Pool pool = make_pool();
  std::string answer;
  std::jthread handler([&] {
    const auto lease = pool.acquire();
    ask(lease->get(), "BEGIN; INSERT INTO orders VALUES (1)");
    answer = ask(lease->get(), "SELECT pg_sleep(60)");
  });
  wait_for_sleep();
  Drained drained;
  {
    const testing::Frozen frozen(server());
    drained = pool.drain(sys::now() + 1s, {});
    handler.join();
  }
  EXPECT_EQ(answer, "connection lost");
  EXPECT_EQ(drained.finished, 0);
  EXPECT_EQ(drained.cancelled + drained.cut, 1);
  EXPECT_EQ(orders(), "0");
}

TEST_F(Postgres, EndsAConnectThatHangsWhenTheDrainBegins) {
  const sys::UniqueFd silent(sys::listen_on(*sys::parse_address("127.0.0.1:0"), 1));
  Pool pool({.connection = connection_string(sys::local_address(silent.get()).port), .connect_timeout = 1h});
  std::string error;
  std::jthread handler([&] { error = pool.acquire().error().what; });
  // Connected as far as TCP goes: the handler waits for the server's first byte.
  ASSERT_EQ(sys::wait_ready(silent.get(), sys::kReadable, sys::now() + 1h, {}), sys::Waited::ready);
  pool.drain(sys::now() + 1h, {});
  handler.join();
  EXPECT_EQ(error, "cannot connect to PostgreSQL: the service is shutting down");
}

TEST_F(Postgres, RefusesNewTransactionsOnceDraining) {
  Pool pool = make_pool();
  pool.drain(sys::now() + 1s, {});
  const auto refused = pool.acquire();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "no connection: the service is shutting down");
}

TEST_F(Postgres, DrainsConnectionsOfTheProgramsOwn) {
  PGconn* own = PQconnectdb(connection_string(server().port).c_str());
  Transactions transactions;
  auto transaction = transactions.begin(own);
  ASSERT_TRUE(transaction);
  EXPECT_EQ(transactions.under_way(), 1);
  std::jthread handler([&] {
    EXPECT_EQ(ask(own, "SELECT pg_sleep(60)"), kQueryCanceled);
    transaction->end();
  });
  wait_for_sleep();
  EXPECT_EQ(transactions.drain(sys::now() + 1s, {}).cancelled, 1);
  handler.join();
  EXPECT_FALSE(transactions.begin(own));
  PQfinish(own);
}

TEST_F(Postgres, PingTellsWhetherTheServerAnswers) {
  EXPECT_TRUE(make_pool().ping());
  Pool nowhere({.connection = "host=127.0.0.1 port=1"});
  const auto answer = nowhere.ping();
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("refused"), std::string::npos) << answer.error().what;
}

}  // namespace
}  // namespace lastcall::postgres
