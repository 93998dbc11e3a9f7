// RabbitLink: one connection to RabbitMQ with one channel on which the queue of payments is declared. One
// thread at a time.
#pragma once

#include <amqp.h>
#include <memory>
#include <string>

#include "lastcall/result.h"

namespace orders {

class RabbitLink {
 public:
  static constexpr amqp_channel_t kChannel = 1;
  static constexpr const char* kQueue = "payments";
  static constexpr int kHeartbeatSeconds = 20;

  /// `heartbeat`: 0 for one that nobody reads while it is idle.
  static lastcall::Result<RabbitLink> open(const std::string& host, int port, int heartbeat);

  /// Error: the broker has not confirmed that it keeps `message`.
  lastcall::Result<void> publish(const std::string& message);

  /// Begins to consume, and gives the connection away.
  lastcall::Result<amqp_connection_state_t> consume(const std::string& tag);

  /// Ends it with a round trip.
  void close();

 private:
  struct Destroy {
    void operator()(amqp_connection_state_t connection) const { amqp_destroy_connection(connection); }
  };

  using Connection = std::unique_ptr<amqp_connection_state_t_, Destroy>;

  explicit RabbitLink(Connection connection) : connection_(std::move(connection)) {}

  [[nodiscard]] lastcall::Result<void> last_reply(const char* what) const;

  Connection connection_;
};

}  // namespace orders
