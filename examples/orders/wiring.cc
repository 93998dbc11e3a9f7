#include "wiring.h"

#include <utility>

#include "log.h"
#include "postgres_database.h"
#include "rabbit_queue.h"
#include "redis_cache.h"
#include "sqlite_database.h"

namespace orders {
namespace {

using lastcall::Failure;
using lastcall::Result;

Result<std::unique_ptr<Database>> open_database(const Settings& settings) {
  if (!settings.postgres.empty()) {
    return std::make_unique<PostgresDatabase>(settings.postgres);
  }
  return SqliteDatabase::open(settings.sqlite);
}

Result<std::unique_ptr<Cache>> open_cache(const Settings& settings) {
  if (!settings.redis) {
    return std::make_unique<Cache>();
  }
  return RedisCache::connect(settings.redis->host, settings.redis->port);
}

Result<std::unique_ptr<PaymentQueue>> open_queue(const Settings& settings) {
  if (!settings.rabbitmq) {
    return std::make_unique<LocalQueue>();
  }
  return RabbitQueue::connect(settings.rabbitmq->host, settings.rabbitmq->port);
}

}  // namespace

Result<Parts> connect(const Settings& settings, lastcall::Coordinator& coordinator) {
  auto database = open_database(settings);
  if (!database) {
    return Failure(database.error());
  }
  auto cache = open_cache(settings);
  if (!cache) {
    return Failure(cache.error());
  }
  auto payments = open_queue(settings);
  if (!payments) {
    return Failure(payments.error());
  }
  Parts parts{std::move(*database), std::move(*cache), std::move(*payments)};
  Result<void> joined = parts.payments->drain_with(coordinator);
  if (joined) {
    joined = parts.cache->join(coordinator);
  }
  if (joined) {
    joined = parts.database->drain_with(coordinator);
  }
  return joined ? Result<Parts>(std::move(parts)) : Failure(joined.error());
}

Result<void> start_payments(PaymentQueue& payments, Cache& cache, OrderStore& store, Feed& feed,
                            lastcall::Coordinator& coordinator) {
  if (auto made = store.create_tables(); !made) {
    return made;
  }
  if (auto added = coordinator.health().add_check({.name = "database"}, [&store] { return store.ping(); });
      !added) {
    return added;
  }
  const auto left = store.unsettled();
  if (!left) {
    return Failure(left.error());
  }
  payments.start([&cache, &store, &feed](std::int64_t id) -> Result<void> {
    Result<std::optional<Order>> paid;
    cache.locked("pay:" + std::to_string(id), [&] { paid = store.settle(id); });
    if (!paid) {
      log_line("order " + std::to_string(id) + " not paid, to be tried again: " + paid.error().what);
      return Failure(paid.error());
    }
    if (*paid) {
      log_line("order " + std::to_string(id) + " paid");
      feed.publish(**paid);
    }
    return {};
  });
  for (const std::int64_t id : *left) {
    if (auto pushed = payments.push(id); !pushed) {
      return pushed;
    }
  }
  return {};
}

}  // namespace orders
