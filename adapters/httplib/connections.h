// Connections: those of one server, from accept to close: counted, waited for, cut. A connection is served by
// one thread; whoever drains tells it through here. Any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "lastcall/work.h"
#include "socket_stream.h"
#include "sys/fd.h"

namespace lastcall::httplib {

class Connections;

/// One connection, registered for as long as it lives.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Connections& all, sys::UniqueFd fd, const SocketStream::Timeouts& timeouts, bool redialled);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// It waits for a thread, and may be refused until begin().
  void queue();

  /// A thread has it now. False if it was refused meanwhile.
  [[nodiscard]] bool begin();

  /// Answers `response` to a request of which something has come; true then. Nothing was done for it.
  [[nodiscard]] bool refuse(std::string_view response) const;

  /// Until the client sends something, or has been idle for too long. False then.
  [[nodiscard]] bool await_request(Duration keep_alive) const;

  /// The end, our side first. `was_idle`: without a response before it.
  void half_close(bool was_idle);

  /// Reads and discards what has come since half_close(). False once the client has ended its side too.
  [[nodiscard]] bool discard();

  [[nodiscard]] int fd() const { return fd_.get(); }

  void cut() const;

  SocketStream stream;
  const bool redialled;     ///< accepted after the announcement
  bool says_close = false;  ///< the last response said so
  Permit request{};         ///< of the request in hand

 private:
  friend class Connections;

  enum class Place : std::uint8_t { arriving, queued, served, refused };

  Connections& all_;
  const sys::UniqueFd fd_;
  const Time accepted_;
  Place place_ = Place::arriving;  ///< guarded by the mutex of all
  bool may_lose_ = false;          ///< what comes now is a request that we do not serve
};

class Connections {
 public:
  /// `on_bound` is told whether the bound `most` is reached, at each change; under a lock.
  Connections(Duration idle_grace, std::size_t most, std::function<void(bool reached)> on_bound);

  /// From now on idle connections end `idle_grace` after this call, or after their accept.
  void begin_drain();

  /// Returns when none is left; false at `until`, or when asked to stop.
  [[nodiscard]] bool wait_until_none(const std::stop_token& token, Time until);

  /// Those that wait for a thread, which they will not get any more: they are the caller's to end.
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> refuse_queued();

  /// All but those.
  void cut();

  [[nodiscard]] std::size_t count() const;

  /// Requests that came after our half-close of an idle connection.
  [[nodiscard]] std::uint64_t lost_race() const { return lost_race_; }

 private:
  friend class Connection;

  const Duration idle_grace_;
  const std::size_t most_;
  const std::function<void(bool)> on_bound_;
  const sys::UniqueFd drain_began_;  ///< readable from then on
  std::atomic<Time> draining_since_{Time::max()};
  std::atomic<std::uint64_t> lost_race_{0};

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::unordered_set<Connection*> all_;
  bool cut_ = false;
};

}  // namespace lastcall::httplib
