// What a Consumer, its deliveries, its pump and the drain of its step share. Whoever calls librabbitmq holds
// the mutex; whoever waits for the socket does not.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/occupancy.h"
#include "lastcall/rabbitmq.h"
#include "sys/fd.h"

namespace lastcall::rabbitmq {

struct Delivery::Message {
  ~Message();
  Result<void> settle(const std::function<int()>& say);

  std::shared_ptr<Consumer::State> consumer;
  amqp_envelope_t envelope{};
};

struct Consumer::State : std::enable_shared_from_this<State> {
  State(amqp_connection_state_t own, amqp_channel_t its_channel, std::string its_tag);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// The next message if there is one at once, serving heartbeats. Locked.
  [[nodiscard]] Result<bool> poll(amqp_envelope_t& envelope);
  /// The same, handed out to the program; nothing once paused. Locked.
  [[nodiscard]] Result<std::optional<Delivery>> take();
  /// Reads what is no message. Locked. Error: the channel or the consumer has ended.
  Result<void> read_other_frame();
  /// Until the socket has something, a heartbeat is due, or `stop`. Not locked.
  void wait(const std::stop_token& stop) const;

  void pause();
  /// Serves the connection, and gives back what still arrives, until `stop`.
  void pump(const std::stop_token& stop);
  void stop_pump();
  [[nodiscard]] Drained drain(Time deadline, const std::stop_token& stop);
  Result<void> drain(const StepContext& step);
  /// Gives back what is not settled, and closes.
  [[nodiscard]] Drained close();

  const amqp_connection_state_t connection;
  const amqp_channel_t channel;
  const std::string tag;
  const sys::UniqueFd socket;  ///< a duplicate: librabbitmq closes its own when the connection breaks
  Occupancy handed_out;
  std::stop_source paused;

  std::mutex mutex;
  std::set<std::uint64_t> unsettled;  ///< guarded by mutex: delivery tags
  std::size_t at_pause = 0;           ///< guarded by mutex: how many were handed out then
  std::size_t given_back = 0;         ///< guarded by mutex
  std::string error{};                ///< guarded by mutex: why the connection is of no use any more
  std::jthread pumping;               ///< guarded by mutex; last, so that it ends first
};

}  // namespace lastcall::rabbitmq
