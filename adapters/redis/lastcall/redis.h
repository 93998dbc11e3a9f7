// Redis (hiredis, blocking contexts): a connection that is drained by the book: whoever uses it finishes,
// replies that nobody has read are read, a MULTI that was left open is ended, locks are given back, and QUIT
// is answered. A server that hangs or is gone costs no more than the step's time. No command API of its own.
// hiredis writes to a connection that has broken: SIGPIPE must be ignored, as a Coordinator does by default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <hiredis/hiredis.h>

#include "lastcall/coordinator.h"

namespace lastcall::redis {

/// What becomes of a MULTI that is still open when the drain ends the connection.
enum class OpenMulti : std::uint8_t {
  discard,  ///< nothing of it happens; the report counts it as lost
  exec,     ///< what was queued so far happens
};

struct Drained {
  enum class Multi : std::uint8_t { none, discarded, executed, refused };

  bool answered = false;           ///< the server confirmed that it had carried out everything
  std::string error{};             ///< why not
  std::size_t unread = 0;          ///< replies that nobody had read
  Multi multi = Multi::none;       ///< what became of an open one
  std::size_t released = 0;        ///< locks given back
  std::size_t already_lost = 0;    ///< locks that had expired before
  std::size_t left_to_expire = 0;  ///< locks that could not be given back
};

/// A connection and whoever may use it: one at a time. Any thread; uses may outlive it.
class Connection {
 public:
  struct State;

  /// The right to use the connection, for as long as it lives. Move-only.
  class Use {
   public:
    explicit Use(std::shared_ptr<State> state) : state_(std::move(state)) {}

    Use(Use&&) noexcept = default;
    Use& operator=(Use&&) = delete;
    ~Use();

    /// Never redisFree() it; after a redisReconnect() end this use before it blocks again.
    [[nodiscard]] redisContext* get() const;

    /// SET key token NX PX ttl (redis.io, "Distributed Locks"): whether the lock is ours now. The drain gives
    /// back what is still held. Error: no answer, or no lock could be asked for.
    Result<bool> try_lock(std::string_view key, Duration ttl);

    /// Gives the lock back if it is still ours: false if it had expired.
    Result<bool> unlock(std::string_view key);

   private:
    std::shared_ptr<State> state_;
  };

  /// Takes over `context`, also one that is broken.
  explicit Connection(redisContext* context, OpenMulti open_multi = OpenMulti::discard);

  /// Waits for the use before it to end, for `patience`. Error: it did not; the drain has begun.
  [[nodiscard]] Result<Use> use(Duration patience = std::chrono::seconds(5));

  /// Refuses new uses, waits for the one there is, ends the connection. A use that has not ended shortly
  /// before `deadline` (a fifth of the time, at most 1 s) is cut off, and so is a server that has not
  /// answered within 3 s. Returns by `deadline`, or at once when asked to stop.
  Drained drain(Time deadline, const std::stop_token& stop);

  /// The same for a step. Error: the server did not confirm.
  Result<void> drain(const StepContext& step);

  /// Adds the step. Error: as Coordinator::add_step().
  Result<void> drain_with(Coordinator& coordinator, Step step = {.name = "redis", .stage = Stage::caches});

 private:
  std::shared_ptr<State> state_;
};

}  // namespace lastcall::redis
