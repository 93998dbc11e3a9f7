#include "redis_cache.h"

#include <sys/time.h>

#include <memory>

namespace orders {
namespace {

using lastcall::Result;
using lastcall::redis::Connection;

constexpr timeval kPatience{.tv_sec = 1, .tv_usec = 0};
constexpr auto kLockTime = std::chrono::seconds(10);
const std::string kKeepSeconds = "60";

}  // namespace

Result<std::unique_ptr<Cache>> RedisCache::connect(const std::string& host, int port) {
  redisContext* context = redisConnectWithTimeout(host.c_str(), port, kPatience);
  if (context == nullptr) {
    return lastcall::failure("no memory for a connection to Redis");
  }
  auto cache = std::make_unique<RedisCache>(context);
  if (context->err != 0) {
    return lastcall::failure("cannot connect to Redis at " + host + ":" + std::to_string(port) + ": " +
                             context->errstr);
  }
  redisSetTimeout(context, kPatience);
  return cache;
}

std::optional<std::string> RedisCache::get(const std::string& key) {
  const auto value = command({"GET", key});
  return value && !value->empty() ? std::optional(*value) : std::nullopt;
}

void RedisCache::put(const std::string& key, const std::string& value) {
  static_cast<void>(command({"SETEX", key, kKeepSeconds, value}));
}

void RedisCache::locked(const std::string& name, const std::function<void()>& work) {
  bool ours = false;
  if (auto held = use()) {
    ours = held->try_lock(name, kLockTime).value_or(false);
  }
  work();
  if (!ours) {
    return;
  }
  if (auto held = use()) {
    static_cast<void>(held->unlock(name));
  }
}

Result<void> RedisCache::join(lastcall::Coordinator& coordinator) {
  auto checked = coordinator.health().add_check({.name = "cache"}, [this]() -> Result<void> {
    return command({"PING"}).map([](const std::string&) {});
  });
  return checked ? connection_.drain_with(coordinator) : checked;
}

Result<Connection::Use> RedisCache::use() {
  {
    auto use = connection_.use();
    if (!use || use->get()->err == 0) {
      return use;
    }
    redisContext* context = use->get();
    // A new socket does not have the old one's timeout.
    if (redisReconnect(context) != REDIS_OK || redisSetTimeout(context, kPatience) != REDIS_OK) {
      return lastcall::failure(std::string("Redis: ") + context->errstr);
    }
  }
  return connection_.use();  // a shutdown can end this use, which knows the new socket
}

Result<std::string> RedisCache::command(const std::vector<std::string>& words) {
  const auto held = use();
  if (!held) {
    return lastcall::Failure(held.error());
  }
  redisContext* context = held->get();
  std::vector<const char*> arguments;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    arguments.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<redisReply, decltype(&freeReplyObject)> reply(
      static_cast<redisReply*>(
          redisCommandArgv(context, static_cast<int>(words.size()), arguments.data(), sizes.data())),
      freeReplyObject);
  if (reply == nullptr) {
    return lastcall::failure(std::string("Redis: ") + context->errstr);
  }
  const std::string text = reply->str == nullptr ? std::string() : std::string(reply->str, reply->len);
  return reply->type == REDIS_REPLY_ERROR ? Result<std::string>(lastcall::failure("Redis: " + text)) : text;
}

}  // namespace orders
