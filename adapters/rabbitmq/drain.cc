#include <algorithm>
#include <string>
#include <utility>

#include "base/last_share.h"
#include "consumer.h"
#include "sys/at_deadline.h"
#include "sys/sys.h"

namespace lastcall::rabbitmq {
namespace {

/// A broker that works answers in milliseconds; others need the time more.
constexpr Duration kPatience = std::chrono::seconds(3);

std::string why(const amqp_rpc_reply_t& reply) {
  return reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? amqp_error_string2(reply.library_error)
                                                             : "RabbitMQ has closed it meanwhile";
}

}  // namespace

void Consumer::State::pause() {
  const std::lock_guard lock(mutex);
  if (!paused.request_stop()) {
    return;
  }
  at_pause = handed_out.close();
  // Not amqp_basic_cancel(), which waits for the broker's answer: the pump will see it.
  amqp_basic_cancel_t cancel{.consumer_tag = amqp_cstring_bytes(tag.c_str()), .nowait = 0};
  amqp_send_method(connection, channel, AMQP_BASIC_CANCEL_METHOD, &cancel);
  pumping = std::jthread([this](const std::stop_token& stop) { pump(stop); });
}

void Consumer::State::pump(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      const std::lock_guard lock(mutex);
      amqp_envelope_t late{};
      Result<bool> got = poll(late);
      for (; got && *got; got = poll(late)) {
        amqp_basic_nack(connection, late.channel, late.delivery_tag, 0, 1);
        amqp_destroy_envelope(&late);
        ++given_back;
      }
      if (!got) {
        return;
      }
    }
    wait(stop);
  }
}

void Consumer::State::stop_pump() {
  std::jthread ending;  // joined when the lock, which it takes, is free again
  const std::lock_guard lock(mutex);
  ending = std::move(pumping);
}

Drained Consumer::State::close() {
  const std::lock_guard lock(mutex);
  const std::size_t finished = at_pause - unsettled.size();
  for (const std::uint64_t delivery : unsettled) {
    amqp_basic_nack(connection, channel, delivery, 0, 1);
  }
  Drained drained{
      .finished = finished, .given_back = given_back + unsettled.size(), .confirmed = false, .error = error};
  unsettled.clear();
  if (!error.empty()) {
    return drained;
  }
  error = "the connection to RabbitMQ is closed";
  const amqp_rpc_reply_t closed = amqp_channel_close(connection, channel, AMQP_REPLY_SUCCESS);
  drained.confirmed = closed.reply_type == AMQP_RESPONSE_NORMAL;
  drained.error = drained.confirmed ? "" : why(closed);
  if (drained.confirmed) {
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
  }
  return drained;
}

Drained Consumer::State::drain(Time deadline, const std::stop_token& stop) {
  const Duration share = last_share(deadline - sys::now());
  const auto cut = [this] { sys::sever(socket.get()); };
  {
    const sys::AtDeadline guard(deadline - share / 2, {}, cut);
    pause();
    static_cast<void>(handed_out.wait_until_empty(deadline - share, stop));
  }

  const Duration patience = stop.stop_requested() ? share / 2 : kPatience;
  const Time cut_at = std::min(deadline - share / 2, sys::now() + patience);
  const sys::AtDeadline guard(cut_at, {}, cut);
  stop_pump();
  return close();
}

Result<void> Consumer::State::drain(const StepContext& step) {
  const Drained drained = drain(sys::now() + step.remaining(), step.token());
  step.note(std::to_string(drained.finished) + " settled, " + std::to_string(drained.given_back) +
            " given back");
  if (!drained.confirmed) {
    return failure("no orderly end: " + drained.error +
                   "; what was acknowledged last may be delivered again");
  }
  return {};
}

Result<void> Consumer::drain_with(Coordinator& coordinator, Step step) {
  Step intake{.name = step.name + " intake", .stage = Stage::intake};
  auto added = coordinator.add_step(std::move(intake), [state = state_](const StepContext& context) {
    const sys::AtDeadline guard(sys::now() + context.remaining(), context.token(),
                                [&state] { sys::sever(state->socket.get()); });
    state->pause();
  });
  if (!added) {
    return added;
  }
  return coordinator.add_step(std::move(step),
                              [state = state_](const StepContext& context) { return state->drain(context); });
}

}  // namespace lastcall::rabbitmq
