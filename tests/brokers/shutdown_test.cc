// Whole shutdowns of a service with a database, a cache and a queue, by a real SIGTERM, against real servers:
// one that works, one that is killed, all of them hanging at once.
#include <amqp_tcp_socket.h>
#include <csignal>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "brokers/brokers.h"
#include "lastcall/lastcall.h"
#include "lastcall/postgres.h"
#include "lastcall/rabbitmq.h"
#include "lastcall/redis.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::Broker;
using ::testing::ElementsAre;
using testing::Frozen;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string conninfo() {
  const Broker server = Broker::named("POSTGRES");
  return "host=127.0.0.1 user=lastcall dbname=postgres port=" + std::to_string(server.port);
}

std::string ask(PGconn* connection, const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, sql.c_str()), PQclear);
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : PQcmdStatus(result.get());
}

redisContext* redis_connection() {
  const Broker server = Broker::named("REDIS");
  return redisConnect(server.host.c_str(), server.port);
}

constexpr amqp_channel_t kChannel = 1;
const amqp_bytes_t kQueue = amqp_cstring_bytes("payments");

amqp_connection_state_t amqp_connection() {
  const Broker server = Broker::named("RABBITMQ");
  amqp_connection_state_t connection = amqp_new_connection();
  EXPECT_EQ(amqp_socket_open(amqp_tcp_socket_new(connection), server.host.c_str(), server.port),
            AMQP_STATUS_OK);
  amqp_login(connection, "/", 0, AMQP_DEFAULT_FRAME_SIZE, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  amqp_channel_open(connection, kChannel);
  return connection;
}

/// The service: everything registered in the one line that each takes.
class Service {
 public:
  explicit Service(Duration budget)
      : coordinator_(Coordinator::create(
                         {.grace = 60s, .drain = 1s, .lame_duck = LameDuck{}, .log = [](std::string_view) {}})
                         .value()),
        pool_({.connection = conninfo()}),
        redis_(redis_connection()),
        consumer_(consume(), kChannel, "worker") {
    const auto add = [](const Result<void>& added) { EXPECT_TRUE(added) << added.error().what; };
    add(consumer_.drain_with(coordinator_, {.name = "queue", .stage = Stage::consumers, .budget = budget}));
    add(redis_.drain_with(coordinator_, {.name = "cache", .stage = Stage::caches, .budget = budget}));
    add(pool_.drain_with(coordinator_, {.name = "database", .stage = Stage::databases, .budget = budget}));
    add(coordinator_.add_step({.name = "log", .stage = Stage::logs}, [] {}));
    coordinator_.started();
  }

  /// SIGTERM, as from outside, and what became of it.
  DrainReport terminate() {
    sys::signal_process(sys::own_pid(), SIGTERM);
    return coordinator_.run();
  }

  Coordinator& coordinator() { return coordinator_; }

  postgres::Pool& pool() { return pool_; }

  redis::Connection& redis() { return redis_; }

  rabbitmq::Consumer& consumer() { return consumer_; }

 private:
  static amqp_connection_state_t consume() {
    amqp_connection_state_t connection = amqp_connection();
    amqp_queue_declare(connection, kChannel, kQueue, 0, 0, 0, 0, amqp_empty_table);
    amqp_basic_consume(connection, kChannel, kQueue, amqp_cstring_bytes("worker"), 0, 0, 0, amqp_empty_table);
    return connection;
  }

  Coordinator coordinator_;
  postgres::Pool pool_;
  redis::Connection redis_;
  rabbitmq::Consumer consumer_;
};

std::vector<std::string> outcomes(const DrainReport& report) {
  std::vector<std::string> told;
  for (const StepResult& step : report.steps()) {
    told.push_back(step.name + " " + step.outcome + (step.detail.empty() ? "" : ": " + step.detail));
  }
  return told;
}

class Shutdown : public ::testing::Test {
 public:
  ~Shutdown() override {
    PQfinish(database_);
    amqp_destroy_connection(queue_);
  }

 protected:
  Shutdown() : database_(PQconnectdb(conninfo().c_str())), queue_(amqp_connection()) {
    ask(database_,
        "SET client_min_messages = error; DROP TABLE IF EXISTS payments; CREATE TABLE payments (id int)");
    redisContext* cache = redis_connection();
    freeReplyObject(redisCommand(cache, "FLUSHALL"));
    redisFree(cache);
    amqp_queue_delete(queue_, kChannel, kQueue, 0, 0);
    amqp_queue_declare(queue_, kChannel, kQueue, 0, 0, 0, 0, amqp_empty_table);
  }

  /// Until the handler's long statement has reached the server: one that is frozen before would begin it
  /// later.
  void wait_for_sleep() {
    const std::string sql =
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%(60)'";
    const Time until = sys::now() + 10s;
    while (ask(database_, sql) != "1" && sys::now() < until) {
    }
  }

  std::string payments() { return ask(database_, "SELECT count(*) FROM payments"); }

  PGconn* database_;
  amqp_connection_state_t queue_;
};

TEST_F(Shutdown, OfAnIdleServiceIsClean) {
  Service service(10s);
  const DrainReport report = service.terminate();
  EXPECT_EQ(report.exit_code(), 0) << report.to_text();
  EXPECT_THAT(outcomes(report),
              ElementsAre("queue intake done", "queue done: 0 settled, 0 given back", "cache done",
                          "database done: 0 transactions finished", "log done"));
}

TEST_F(Shutdown, LetsATransactionCommitThatIsOpenAtTheSignal) {
  Service service(10s);
  std::promise<void> inserted;
  std::jthread handler([&] {
    const auto lease = service.pool().acquire();
    ask(lease->get(), "BEGIN; INSERT INTO payments VALUES (1)");
    inserted.set_value();
    ask(lease->get(), "SELECT pg_sleep(0.3)");
    EXPECT_EQ(ask(lease->get(), "COMMIT"), "COMMIT");
  });
  inserted.get_future().wait();
  const DrainReport report = service.terminate();
  EXPECT_EQ(report.exit_code(), 0) << report.to_text();
  EXPECT_EQ(payments(), "1");
}

TEST_F(Shutdown, RollsBackATransactionThatOutlastsItsBudgetAndTellsSo) {
  Service service(1s);
  std::jthread handler([&] {
    const auto lease = service.pool().acquire();
    ask(lease->get(), "BEGIN; INSERT INTO payments VALUES (1)");
    ask(lease->get(), "SELECT pg_sleep(60)");
  });
  wait_for_sleep();
  const DrainReport report = service.terminate();
  handler.join();
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_THAT(
      outcomes(report),
      ElementsAre("queue intake done", "queue done: 0 settled, 0 given back", "cache done",
                  "database done: 0 transactions finished; lost: 1 transaction cancelled and rolled back",
                  "log done"));
  EXPECT_EQ(payments(), "0");
}

TEST_F(Shutdown, PutsTenUnacknowledgedMessagesBackIntoTheQueue) {
  for (int i = 0; i < 10; ++i) {
    amqp_basic_publish(queue_, kChannel, amqp_empty_bytes, kQueue, 0, 0, nullptr, amqp_cstring_bytes("pay"));
  }
  Service service(1s);
  std::vector<rabbitmq::Delivery> deliveries;
  for (int i = 0; i < 10; ++i) {
    deliveries.push_back(std::move(service.consumer().next().value().value()));
  }
  const DrainReport report = service.terminate();
  EXPECT_EQ(report.exit_code(), 0) << report.to_text();
  EXPECT_EQ(outcomes(report)[1], "queue done: 0 settled, 10 given back");
  const auto* queue = amqp_queue_declare(queue_, kChannel, kQueue, 1, 0, 0, 0, amqp_empty_table);
  ASSERT_NE(queue, nullptr);
  EXPECT_EQ(queue->message_count, 10);
}

TEST_F(Shutdown, GoesOnWhenTheCacheDiesInItsMidst) {
  Service service(10s);
  ASSERT_TRUE(service.redis().use()->try_lock("payments", 1min).value());
  auto killed = service.coordinator().add_step({.name = "the cache dies", .stage = Stage::work}, [] {
    redisContext* other = redis_connection();
    freeReplyObject(redisCommand(other, "CLIENT KILL TYPE normal SKIPME yes"));
    redisFree(other);
  });
  ASSERT_TRUE(killed);
  const DrainReport report = service.terminate();
  EXPECT_EQ(report.exit_code(), 1);
  const std::vector<std::string> told = outcomes(report);
  EXPECT_THAT(told, ::testing::Contains(AllOf(StartsWith("cache failed: no orderly end: "),
                                              HasSubstr("1 lock expires by itself"))));
  EXPECT_THAT(told, ::testing::Contains("database done: 0 transactions finished"));
  EXPECT_THAT(told, ::testing::Contains("log done"));
}

TEST_F(Shutdown, EndsThoughEverythingHangsAndTellsEach) {
  Service service(500ms);
  std::jthread handler([&] {
    const auto lease = service.pool().acquire();
    ask(lease->get(), "BEGIN; INSERT INTO payments VALUES (1)");
    ask(lease->get(), "SELECT pg_sleep(60)");
  });
  wait_for_sleep();
  auto let_go = std::make_shared<std::promise<void>>();
  auto gone = std::make_shared<std::promise<void>>();
  ASSERT_TRUE(service.coordinator().add_step({.name = "hangs", .stage = Stage::files, .budget = 100ms}, [=] {
    let_go->get_future().wait();
    gone->set_value();
  }));
  ASSERT_TRUE(
      service.coordinator().add_step({.name = "builds on it", .stage = Stage::metrics, .after = {"hangs"}},
                                     [] { ADD_FAILURE() << "it may use what is still used"; }));
  ASSERT_TRUE(service.coordinator().add_step({.name = "throws", .stage = Stage::metrics},
                                             [] { throw std::runtime_error("no such bucket"); }));

  std::optional<DrainReport> report;
  {
    const Frozen postgres(Broker::named("POSTGRES"));
    const Frozen redis(Broker::named("REDIS"));
    const Frozen rabbitmq(Broker::named("RABBITMQ"));
    report = service.terminate();
    handler.join();
  }
  let_go->set_value();
  gone->get_future().wait();

  EXPECT_EQ(report->exit_code(), 1);
  const std::vector<std::string> told = outcomes(*report);
  EXPECT_THAT(told, ::testing::Contains(StartsWith("queue failed: no orderly end: ")));
  EXPECT_THAT(told, ::testing::Contains(StartsWith("cache failed: no orderly end: ")));
  EXPECT_THAT(told,
              ::testing::Contains(AllOf(StartsWith("database done"), HasSubstr("lost: 1 transaction"))));
  EXPECT_THAT(told, ::testing::Contains(StartsWith("hangs abandoned")));
  EXPECT_THAT(told, ::testing::Contains(StartsWith("builds on it skipped")));
  EXPECT_THAT(told, ::testing::Contains("throws failed: no such bucket"));
  EXPECT_THAT(told, ::testing::Contains("log done"));
  EXPECT_EQ(payments(), "0");
}

}  // namespace
}  // namespace lastcall
