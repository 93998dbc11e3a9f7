// RedisCache: the cache and the locks of all replicas, in Redis. In a shutdown locks are given back and QUIT
// is answered. Any thread, one command at a time.
#pragma once

#include "cache.h"
#include "lastcall/redis.h"

namespace orders {

class RedisCache final : public Cache {
 public:
  /// Error: nobody answers there.
  static lastcall::Result<std::unique_ptr<Cache>> connect(const std::string& host, int port);

  explicit RedisCache(redisContext* context) : connection_(context) {}

  std::optional<std::string> get(const std::string& key) override;
  void put(const std::string& key, const std::string& value) override;
  void locked(const std::string& name, const std::function<void()>& work) override;
  lastcall::Result<void> join(lastcall::Coordinator& coordinator) override;

 private:
  /// The right to use the connection, made anew if it has broken.
  lastcall::Result<lastcall::redis::Connection::Use> use();
  lastcall::Result<std::string> command(const std::vector<std::string>& words);

  lastcall::redis::Connection connection_;
};

}  // namespace orders
