// RabbitMQ (librabbitmq): a consumer that loses no message at a shutdown. It stops fetching first, lets the
// messages that are being processed finish, gives back the rest, and closes the channel with a round trip, so
// that every acknowledgement has arrived. Heartbeats go on meanwhile. Not a client of its own: connecting,
// queues and publishing are librabbitmq's.
#pragma once

#include <amqp.h>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "lastcall/coordinator.h"

namespace lastcall::rabbitmq {

struct Drained {
  std::size_t finished = 0;    ///< handed out when it was paused, and settled by the program since
  std::size_t given_back = 0;  ///< requeued by us: unfinished, or fetched and never handed out
  bool confirmed = false;      ///< the broker has confirmed the close of the channel, so all that went before
  std::string error{};         ///< why not
};

class Consumer;

/// One message that the program processes. Move-only. Settle it once; destroying it unsettled gives it back.
/// Any thread, also another one than the consumer's; it may outlive the consumer.
class Delivery {
 public:
  struct Message;

  explicit Delivery(std::unique_ptr<Message> message);
  Delivery(Delivery&&) noexcept;
  Delivery& operator=(Delivery&&) noexcept;
  ~Delivery();

  [[nodiscard]] const amqp_envelope_t& envelope() const;

  /// Done: the broker forgets it. Error: it has been given back already, because the drain could not wait any
  /// longer, or the connection is lost: it will be delivered again.
  Result<void> ack();

  /// Back to its queue, or dropped (dead-lettered). Error: as ack().
  Result<void> nack(bool requeue = true);

 private:
  std::unique_ptr<Message> message_;
};

/// Any thread: librabbitmq's connections are not, so all that uses this one goes through here.
class Consumer {
 public:
  struct State;

  /// Takes over a connection that has logged in, with an open channel on which basic.consume has been called
  /// without no-ack; `tag` is the consumer's. One consumer for each connection.
  Consumer(amqp_connection_state_t connection, amqp_channel_t channel, std::string tag);

  /// The next message; nothing once the consumer is paused. Error: the connection is lost, or the broker has
  /// closed the channel or cancelled the consumer.
  [[nodiscard]] Result<std::optional<Delivery>> next();

  /// The connection, for anything else: publishing from a handler. Others wait meanwhile; so do heartbeats.
  void with(const std::function<void(amqp_connection_state_t, amqp_channel_t)>& use);

  /// Stops fetching: basic.cancel. What was fetched and not handed out goes back to the queue. Does not wait
  /// for the broker; from here on the connection is served by a thread of its own.
  void pause();

  /// Pauses, waits for what was handed out, and ends the connection. What is not settled shortly before
  /// `deadline` (a fifth of the time, at most 1 s), or when asked to stop, is given back. A broker that has
  /// not answered within 3 s is left: it will give back all of it by itself. Returns by `deadline`.
  Drained drain(Time deadline, const std::stop_token& stop);

  /// The same for a step. Error: the broker did not confirm.
  Result<void> drain(const StepContext& step);

  /// Adds two steps: "NAME intake", which pauses in Stage::intake, and the drain. Error: as
  /// Coordinator::add_step().
  Result<void> drain_with(Coordinator& coordinator,
                          Step step = {.name = "rabbitmq", .stage = Stage::consumers});

 private:
  std::shared_ptr<State> state_;
};

}  // namespace lastcall::rabbitmq
