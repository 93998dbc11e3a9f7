// The drain of a RabbitMQ consumer, against a real broker.
#include "lastcall/rabbitmq.h"

#include <amqp_tcp_socket.h>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "brokers/brokers.h"
#include "sys/sys.h"
#include "sys/wait_ready.h"

namespace lastcall::rabbitmq {
namespace {

using namespace std::chrono_literals;

const testing::Broker& server() {
  static const testing::Broker broker = testing::Broker::named("RABBITMQ");
  return broker;
}

constexpr amqp_channel_t kChannel = 1;

amqp_bytes_t bytes(const char* text) {
  return amqp_cstring_bytes(text);
}

amqp_connection_state_t connect(int heartbeat = 0) {
  amqp_connection_state_t connection = amqp_new_connection();
  amqp_socket_t* socket = amqp_tcp_socket_new(connection);
  EXPECT_EQ(amqp_socket_open(socket, server().host.c_str(), server().port), AMQP_STATUS_OK);
  const auto login = amqp_login(connection, "/", 0, AMQP_DEFAULT_FRAME_SIZE, heartbeat,
                                AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  EXPECT_EQ(login.reply_type, AMQP_RESPONSE_NORMAL);
  amqp_channel_open(connection, kChannel);
  return connection;
}

class RabbitMQ : public ::testing::Test {
 public:
  ~RabbitMQ() override {
    amqp_connection_close(observer_, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(observer_);
  }

 protected:
  RabbitMQ() : observer_(connect()) {
    amqp_queue_declare(observer_, kChannel, bytes("orders"), 0, 0, 0, 0, amqp_empty_table);
    amqp_queue_purge(observer_, kChannel, bytes("orders"));
  }

  void publish(int count) {
    for (int i = 0; i < count; ++i) {
      amqp_basic_publish(observer_, kChannel, amqp_empty_bytes, bytes("orders"), 0, 0, nullptr,
                         bytes(std::to_string(i).c_str()));
    }
  }

  static Consumer consume(std::uint16_t prefetch = 100, int heartbeat = 0) {
    amqp_connection_state_t connection = connect(heartbeat);
    amqp_basic_qos(connection, kChannel, 0, prefetch, 0);
    amqp_basic_consume(connection, kChannel, bytes("orders"), bytes("worker"), 0, 0, 0, amqp_empty_table);
    EXPECT_EQ(amqp_get_rpc_reply(connection).reply_type, AMQP_RESPONSE_NORMAL);
    return {connection, kChannel, "worker"};
  }

  static Delivery take(Consumer& consumer) { return std::move(consumer.next().value().value()); }

  static std::vector<Delivery> take(Consumer& consumer, int count) {
    std::vector<Delivery> deliveries;
    for (int i = 0; i < count; ++i) {
      deliveries.push_back(take(consumer));
    }
    return deliveries;
  }

  /// Ready in the queue, as the broker tells a second connection.
  int ready() {
    const auto* queue =
        amqp_queue_declare(observer_, kChannel, bytes("orders"), 1, 0, 0, 0, amqp_empty_table);
    return queue != nullptr ? static_cast<int>(queue->message_count) : -1;
  }

  /// The same once the broker has noticed that a connection is gone.
  int ready_in_the_end(int expected) {
    const Time until = sys::now() + 10s;
    while (ready() != expected && sys::now() < until) {
    }
    return ready();
  }

  amqp_connection_state_t observer_;
};

TEST_F(RabbitMQ, HandsOutMessagesOneByOne) {
  publish(2);
  Consumer consumer = consume();
  Delivery first = take(consumer);
  EXPECT_EQ(std::string_view(static_cast<char*>(first.envelope().message.body.bytes), 1), "0");
  EXPECT_TRUE(first.ack());
  EXPECT_FALSE(first.ack());
  EXPECT_TRUE(take(consumer).nack(false));
  const Drained drained = consumer.drain(sys::now() + 30s, {});
  EXPECT_TRUE(drained.confirmed) << drained.error;
  EXPECT_EQ(drained.given_back, 0);
  EXPECT_EQ(ready(), 0);
}

TEST_F(RabbitMQ, AMessageThatIsDroppedGoesBack) {
  publish(1);
  Consumer consumer = consume(1);
  static_cast<void>(take(consumer));
  Delivery again = take(consumer);
  EXPECT_TRUE(again.envelope().redelivered != 0);
  EXPECT_TRUE(again.ack());
}

TEST_F(RabbitMQ, GivesBackAllThatIsUnacknowledgedAtTheDeadline) {
  publish(10);
  Consumer consumer = consume(10);
  std::vector<Delivery> deliveries = take(consumer, 10);
  EXPECT_EQ(ready(), 0);
  const Drained drained = consumer.drain(sys::now() + 500ms, {});
  EXPECT_TRUE(drained.confirmed) << drained.error;
  EXPECT_EQ(drained.finished, 0);
  EXPECT_EQ(drained.given_back, 10);
  EXPECT_EQ(ready(), 10);
  EXPECT_FALSE(deliveries.front().ack());
}

TEST_F(RabbitMQ, GivesBackWhatWasFetchedAndNotHandedOut) {
  publish(10);
  Consumer consumer = consume(10);
  Delivery one = take(consumer);
  EXPECT_TRUE(one.ack());
  consumer.pause();
  EXPECT_EQ(consumer.next().value().has_value(), false);
  const Drained drained = consumer.drain(sys::now() + 30s, {});
  EXPECT_TRUE(drained.confirmed) << drained.error;
  EXPECT_EQ(ready(), 9);
}

TEST_F(RabbitMQ, WaitsForWhatIsBeingProcessed) {
  publish(3);
  Consumer consumer = consume();
  std::vector<Delivery> deliveries = take(consumer, 3);
  Drained drained;
  std::jthread drain([&] { drained = consumer.drain(sys::now() + 30s, {}); });
  EXPECT_FALSE(consumer.next().value());  // returns once the drain has begun
  EXPECT_TRUE(deliveries[0].ack());
  EXPECT_TRUE(deliveries[1].nack());
  EXPECT_TRUE(deliveries[2].ack());
  drain.join();
  EXPECT_TRUE(drained.confirmed) << drained.error;
  EXPECT_EQ(drained.finished, 3);
  EXPECT_EQ(drained.given_back, 0);
  EXPECT_EQ(ready(), 1);
}

TEST_F(RabbitMQ, GivesBackAtOnceWhenAskedToStop) {
  publish(1);
  Consumer consumer = consume();
  const Delivery unfinished = take(consumer);
  Drained drained;
  std::jthread step([&](const std::stop_token& stop) { drained = consumer.drain(sys::now() + 1h, stop); });
  step.request_stop();
  step.join();
  EXPECT_TRUE(drained.confirmed) << drained.error;
  EXPECT_EQ(drained.given_back, 1);
  EXPECT_EQ(ready(), 1);
}

TEST_F(RabbitMQ, KeepsTheConnectionAliveWhileItWaits) {
  publish(1);
  Consumer consumer = consume(1, 1);
  Delivery slow = take(consumer);
  Drained drained;
  std::jthread drain([&] { drained = consumer.drain(sys::now() + 30s, {}); });
  // The broker cuts a connection off after two intervals of silence.
  const sys::UniqueFd silent(sys::wake_create());
  EXPECT_EQ(sys::wait_ready(silent.get(), sys::kReadable, sys::now() + 3s, {}), sys::Waited::late);
  EXPECT_TRUE(slow.ack());
  drain.join();
  EXPECT_TRUE(drained.confirmed) << drained.error;
  EXPECT_EQ(ready(), 0);
}

TEST_F(RabbitMQ, ReturnsThoughTheBrokerHangs) {
  publish(10);
  Consumer consumer = consume(10);
  std::vector<Delivery> deliveries = take(consumer, 10);
  Drained drained;
  {
    const testing::Frozen frozen(server());
    EXPECT_TRUE(deliveries[0].ack());
    drained = consumer.drain(sys::now() + 1s, {});
  }
  EXPECT_FALSE(drained.confirmed);
  EXPECT_NE(drained.error, "");
  // The acknowledgement had been sent, and the broker reads it when it goes on.
  EXPECT_EQ(ready_in_the_end(9), 9);
}

TEST_F(RabbitMQ, TellsWhyTheBrokerHasClosedTheChannel) {
  Consumer consumer = consume();
  consumer.with([](amqp_connection_state_t connection, amqp_channel_t channel) {
    amqp_basic_ack(connection, channel, 999, 0);
  });
  const auto next = consumer.next();
  ASSERT_FALSE(next);
  EXPECT_NE(next.error().what.find("unknown delivery tag 999"), std::string::npos) << next.error().what;
  const Drained drained = consumer.drain(sys::now() + 30s, {});
  EXPECT_FALSE(drained.confirmed);
  EXPECT_EQ(drained.error, next.error().what);
}

TEST_F(RabbitMQ, LendsItsConnection) {
  Consumer consumer = consume();
  consumer.with([](amqp_connection_state_t connection, amqp_channel_t channel) {
    amqp_basic_publish(connection, channel, amqp_empty_bytes, bytes("orders"), 0, 0, nullptr, bytes("more"));
  });
  EXPECT_TRUE(take(consumer).ack());
}

}  // namespace
}  // namespace lastcall::rabbitmq
