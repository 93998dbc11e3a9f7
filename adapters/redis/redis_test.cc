// The drain of a Redis connection, against a real server.
#include "lastcall/redis.h"

#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "brokers/brokers.h"
#include "sys/sys.h"

namespace lastcall::redis {
namespace {

using namespace std::chrono_literals;

const testing::Broker& server() {
  static const testing::Broker broker = testing::Broker::named("REDIS");
  return broker;
}

redisContext* connect() {
  return redisConnect(server().host.c_str(), server().port);
}

/// A command without spaces in its arguments; its reply as text, "nil" for none.
std::string ask(redisContext* context, const std::string& command) {
  auto* reply = static_cast<redisReply*>(redisCommand(context, command.c_str()));
  if (reply == nullptr) {
    return "connection lost";
  }
  std::string text = reply->str != nullptr ? std::string(reply->str, reply->len) : "nil";
  if (reply->type == REDIS_REPLY_INTEGER) {
    text = std::to_string(reply->integer);
  }
  freeReplyObject(reply);
  return text;
}

class Redis : public ::testing::Test {
 public:
  ~Redis() override { redisFree(observer_); }

 protected:
  Redis() : observer_(connect()) {
    std::signal(SIGPIPE, SIG_IGN);  // as a Coordinator does
    ask(observer_, "FLUSHALL");
  }

  static Drained drain(Connection& connection, Duration within = 30s) {
    return connection.drain(sys::now() + within, {});
  }

  redisContext* observer_;
};

TEST_F(Redis, EndsAnIdleConnectionWithQuit) {
  Connection connection(connect());
  const Drained drained = drain(connection);
  EXPECT_TRUE(drained.answered) << drained.error;
  EXPECT_EQ(drained.multi, Drained::Multi::none);
  EXPECT_EQ(drained.unread, 0);
  const auto refused = connection.use();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "no connection to Redis: the service is shutting down");
}

TEST_F(Redis, SendsAndReadsWhatIsPending) {
  Connection connection(connect());
  {
    const auto use = connection.use();
    ASSERT_TRUE(use);
    for (int i = 0; i < 3; ++i) {
      redisAppendCommand(use->get(), "INCR count");
    }
  }
  const Drained drained = drain(connection);
  EXPECT_TRUE(drained.answered) << drained.error;
  EXPECT_EQ(drained.unread, 3);
  EXPECT_EQ(drained.multi, Drained::Multi::none);
  EXPECT_EQ(ask(observer_, "GET count"), "3");
}

TEST_F(Redis, DiscardsAnOpenMulti) {
  Connection connection(connect());
  {
    const auto use = connection.use();
    ask(use->get(), "MULTI");
    redisAppendCommand(use->get(), "SET paid 1");
  }
  const Drained drained = drain(connection);
  EXPECT_TRUE(drained.answered) << drained.error;
  EXPECT_EQ(drained.multi, Drained::Multi::discarded);
  EXPECT_EQ(ask(observer_, "GET paid"), "nil");
}

TEST_F(Redis, ExecutesAnOpenMultiIfThatIsThePolicy) {
  Connection connection(connect(), OpenMulti::exec);
  {
    const auto use = connection.use();
    ask(use->get(), "MULTI");
    ask(use->get(), "SET paid 1");
  }
  const Drained drained = drain(connection);
  EXPECT_TRUE(drained.answered) << drained.error;
  EXPECT_EQ(drained.multi, Drained::Multi::executed);
  EXPECT_EQ(ask(observer_, "GET paid"), "1");
}

TEST_F(Redis, TellsWhenAnOpenMultiCannotBeExecuted) {
  Connection connection(connect(), OpenMulti::exec);
  {
    const auto use = connection.use();
    ask(use->get(), "WATCH paid");
    ask(use->get(), "MULTI");
    ask(use->get(), "SET paid 1");
  }
  ask(observer_, "SET paid 2");
  EXPECT_EQ(drain(connection).multi, Drained::Multi::refused);
  EXPECT_EQ(ask(observer_, "GET paid"), "2");
}

TEST_F(Redis, EndsASubscription) {
  Connection connection(connect());
  ask(connection.use()->get(), "SUBSCRIBE news");
  const Drained drained = drain(connection);
  EXPECT_TRUE(drained.answered) << drained.error;
  EXPECT_EQ(ask(observer_, "PUBLISH news none"), "0");
}

TEST_F(Redis, IsUsedByOneAtATime) {
  Connection connection(connect());
  const auto use = connection.use();
  ASSERT_TRUE(use);
  const auto second = connection.use(0s);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what, "no connection to Redis: somebody else is using it");
}

TEST_F(Redis, GivesBackLocksThatAreStillHeld) {
  Connection connection(connect());
  {
    auto use = connection.use();
    ASSERT_TRUE(use->try_lock("lock:a b", 1min).value());
    ASSERT_FALSE(use->try_lock("lock:a b", 1min).value());
    ASSERT_TRUE(use->try_lock("lock:stolen", 1min).value());
    ASSERT_TRUE(use->try_lock("lock:done", 1min).value());
    ASSERT_TRUE(use->unlock("lock:done").value());
    ASSERT_FALSE(use->unlock("lock:done").value());
  }
  ask(observer_, "SET lock:stolen another");
  const Drained drained = drain(connection);
  EXPECT_TRUE(drained.answered) << drained.error;
  EXPECT_EQ(drained.released, 1);
  EXPECT_EQ(drained.already_lost, 1);
  EXPECT_EQ(ask(observer_, "GET lock:stolen"), "another");
  EXPECT_EQ(ask(observer_, "DBSIZE"), "1");
}

TEST_F(Redis, WaitsForWhoeverUsesIt) {
  Connection connection(connect());
  auto use = std::make_unique<Connection::Use>(connection.use().value());
  ASSERT_TRUE(use->try_lock("lock", 1min).value());
  std::jthread handler([&] {
    ask(use->get(), "BLPOP nothing 0.2");
    ask(use->get(), "SET after 1");
    use.reset();
  });
  const Drained drained = drain(connection);
  EXPECT_TRUE(drained.answered) << drained.error;
  EXPECT_EQ(drained.released, 1);
  EXPECT_EQ(ask(observer_, "GET after"), "1");
}

TEST_F(Redis, CutsAUseThatDoesNotEndInTime) {
  Connection connection(connect());
  std::string answer;
  auto use = connection.use();
  std::jthread handler([&] { answer = ask(use->get(), "BLPOP nothing 60"); });
  const Drained drained = connection.drain(sys::now() + 300ms, {});
  handler.join();
  EXPECT_FALSE(drained.answered);
  EXPECT_EQ(drained.error, "still in use, and cut off");
  EXPECT_EQ(answer, "connection lost");
}

TEST_F(Redis, ReturnsThoughTheServerHangs) {
  Connection connection(connect());
  ASSERT_TRUE(connection.use()->try_lock("lock", 1min).value());
  const testing::Frozen frozen(server());
  const Drained drained = connection.drain(sys::now() + 500ms, {});
  EXPECT_FALSE(drained.answered);
  EXPECT_EQ(drained.left_to_expire, 1);
}

TEST_F(Redis, GivesUpAtOnceWhenAskedTo) {
  Connection connection(connect());
  const testing::Frozen frozen(server());
  Drained drained{.answered = true};
  std::jthread step([&](const std::stop_token& stop) { drained = connection.drain(sys::now() + 1h, stop); });
  step.request_stop();
  step.join();
  EXPECT_FALSE(drained.answered);
}

TEST_F(Redis, TellsThatTheServerIsGone) {
  Connection connection(connect());
  const std::string id = ask(connection.use()->get(), "CLIENT ID");
  ask(observer_, "CLIENT KILL ID " + id);
  const Drained drained = drain(connection);
  EXPECT_FALSE(drained.answered);
  EXPECT_NE(drained.error, "");

  Connection nowhere(redisConnect("127.0.0.1", 1));
  EXPECT_EQ(drain(nowhere).error, "Connection refused");
}

}  // namespace
}  // namespace lastcall::redis
