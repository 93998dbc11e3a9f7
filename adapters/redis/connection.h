// What Connection, its uses and the drain of its step share. The context belongs to whoever has entered the
// occupancy, and once that is closed and empty, to the drain.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/occupancy.h"
#include "lastcall/redis.h"
#include "sys/fd.h"

namespace lastcall::redis {

struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};

using Reply = std::unique_ptr<redisReply, FreeReply>;

struct Connection::State {
  struct FreeContext {
    void operator()(redisContext* own) const { redisFree(own); }
  };

  State(redisContext* own, OpenMulti policy) : context(own), open_multi(policy) {}

  [[nodiscard]] Drained drain(Time deadline, const std::stop_token& stop);
  Result<void> drain(const StepContext& step);

  /// To be called by the context's owner, before it uses a socket that may be new.
  void watch_socket();

  /// Ends every call that is blocked on the connection.
  void cut();

  const std::unique_ptr<redisContext, FreeContext> context;
  const OpenMulti open_multi;
  Occupancy occupancy{1};
  std::map<std::string, std::string, std::less<>> locks;  ///< key to token; guarded as the context is
  std::mutex mutex;
  /// A duplicate, guarded by mutex: hiredis closes its own descriptor when it likes.
  sys::UniqueFd socket;
};

/// Deletes a lock only if its token is still ours.
inline constexpr const char* kReleaseLock =
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

}  // namespace lastcall::redis
