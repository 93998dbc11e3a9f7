#include "consumer.h"

#include <chrono>

#include "base/assert.h"
#include "sys/sys.h"
#include "sys/wait_ready.h"

namespace lastcall::rabbitmq {
namespace {

constexpr Duration kNoHeartbeat = std::chrono::hours(1);

std::string text(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

Failure lost(int status) {
  return failure(std::string("the connection to RabbitMQ is lost: ") + amqp_error_string2(status));
}

}  // namespace

Consumer::State::State(amqp_connection_state_t own, amqp_channel_t its_channel, std::string its_tag)
    : connection(own),
      channel(its_channel),
      tag(std::move(its_tag)),
      socket(sys::duplicate(amqp_get_sockfd(own))) {}

Consumer::State::~State() {
  pumping = {};  // it uses the connection
  amqp_destroy_connection(connection);
}

Result<bool> Consumer::State::poll(amqp_envelope_t& envelope) {
  // Ends when the socket is dry; the wait for it would not see what librabbitmq has read already.
  while (error.empty()) {
    amqp_maybe_release_buffers(connection);
    timeval at_once{};
    const amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &at_once, 0);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
      return true;
    }
    if (reply.library_error == AMQP_STATUS_TIMEOUT) {
      return false;
    }
    const Result<void> read =
        reply.library_error == AMQP_STATUS_UNEXPECTED_STATE ? read_other_frame() : lost(reply.library_error);
    if (!read) {
      error = read.error().what;
    }
  }
  return failure(error);
}

Result<std::optional<Delivery>> Consumer::State::take() {
  if (paused.stop_requested()) {
    return std::nullopt;
  }
  auto message = std::make_unique<Delivery::Message>();
  const Result<bool> got = poll(message->envelope);
  if (!got) {
    return tl::unexpected(got.error());
  }
  if (!*got) {
    return std::nullopt;
  }
  const bool entered = handed_out.enter(Time::min()) == Occupancy::Entry::entered;
  LASTCALL_ASSERT(entered);  // closed only once paused
  unsettled.insert(message->envelope.delivery_tag);
  message->consumer = shared_from_this();
  return Delivery(std::move(message));
}

Result<void> Consumer::State::read_other_frame() {
  amqp_frame_t frame{};
  timeval at_once{};
  const int status = amqp_simple_wait_frame_noblock(connection, &frame, &at_once);
  if (status != AMQP_STATUS_OK) {
    return lost(status);
  }
  if (frame.frame_type != AMQP_FRAME_METHOD) {
    return {};
  }
  switch (frame.payload.method.id) {
    case AMQP_BASIC_CANCEL_METHOD:
      return failure("RabbitMQ has cancelled the consumer: its queue is gone");
    case AMQP_CHANNEL_CLOSE_METHOD:
      return failure("RabbitMQ has closed the channel: " +
                     text(static_cast<amqp_channel_close_t*>(frame.payload.method.decoded)->reply_text));
    case AMQP_CONNECTION_CLOSE_METHOD:
      return failure("RabbitMQ has closed the connection: " +
                     text(static_cast<amqp_connection_close_t*>(frame.payload.method.decoded)->reply_text));
    default:
      return {};
  }
}

void Consumer::State::wait(const std::stop_token& stop) const {
  // librabbitmq sends one after half of the interval, if it is called.
  const int seconds = amqp_get_heartbeat(connection);
  const Duration beat = seconds > 0 ? std::chrono::seconds(seconds) / 4 : kNoHeartbeat;
  static_cast<void>(sys::wait_ready(socket.get(), sys::kReadable, sys::now() + beat, stop));
}

Delivery::Message::~Message() {
  if (consumer) {
    static_cast<void>(settle([this] {
      ++consumer->given_back;
      return amqp_basic_nack(consumer->connection, envelope.channel, envelope.delivery_tag, 0, 1);
    }));
    amqp_destroy_envelope(&envelope);
  }
}

Result<void> Delivery::Message::settle(const std::function<int()>& say) {
  const std::lock_guard lock(consumer->mutex);
  if (consumer->unsettled.erase(envelope.delivery_tag) == 0) {
    return failure("the message has been settled or given back already");
  }
  const int status = say();
  consumer->handed_out.leave();
  if (status != AMQP_STATUS_OK) {
    return lost(status);
  }
  return {};
}

Delivery::Delivery(std::unique_ptr<Message> message) : message_(std::move(message)) {}

Delivery::Delivery(Delivery&&) noexcept = default;
Delivery& Delivery::operator=(Delivery&&) noexcept = default;
Delivery::~Delivery() = default;

const amqp_envelope_t& Delivery::envelope() const {
  return message_->envelope;
}

Result<void> Delivery::ack() {
  return message_->settle([this] {
    return amqp_basic_ack(message_->consumer->connection, envelope().channel, envelope().delivery_tag, 0);
  });
}

Result<void> Delivery::nack(bool requeue) {
  return message_->settle([this, requeue] {
    return amqp_basic_nack(message_->consumer->connection, envelope().channel, envelope().delivery_tag, 0,
                           requeue ? 1 : 0);
  });
}

Consumer::Consumer(amqp_connection_state_t connection, amqp_channel_t channel, std::string tag)
    : state_(std::make_shared<State>(connection, channel, std::move(tag))) {}

Result<std::optional<Delivery>> Consumer::next() {
  const std::stop_token paused = state_->paused.get_token();
  while (!paused.stop_requested()) {
    {
      const std::lock_guard lock(state_->mutex);
      Result<std::optional<Delivery>> delivery = state_->take();
      if (!delivery || *delivery) {
        return delivery;
      }
    }
    state_->wait(paused);
  }
  return std::nullopt;
}

void Consumer::with(const std::function<void(amqp_connection_state_t, amqp_channel_t)>& use) {
  const std::lock_guard lock(state_->mutex);
  use(state_->connection, state_->channel);
}

void Consumer::pause() {
  state_->pause();
}

Drained Consumer::drain(Time deadline, const std::stop_token& stop) {
  return state_->drain(deadline, stop);
}

Result<void> Consumer::drain(const StepContext& step) {
  return state_->drain(step);
}

}  // namespace lastcall::rabbitmq
