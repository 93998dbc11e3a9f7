// Which database, cache and queue there are, as the settings say.
#pragma once

#include <memory>

#include "cache.h"
#include "database.h"
#include "feed.h"
#include "order_store.h"
#include "payment_queue.h"
#include "settings.h"

namespace orders {

struct Parts {
  std::unique_ptr<Database> database;
  std::unique_ptr<Cache> cache;
  std::unique_ptr<PaymentQueue> payments;
};

/// Connects them, and adds what ends them to the shutdown.
[[nodiscard]] lastcall::Result<Parts> connect(const Settings& settings, lastcall::Coordinator& coordinator);

/// Makes the tables, adds the readiness check of the database, and begins with the payments that the process
/// before this one left. The others outlive `payments`, whose worker uses them.
[[nodiscard]] lastcall::Result<void> start_payments(PaymentQueue& payments, Cache& cache, OrderStore& store,
                                                    Feed& feed, lastcall::Coordinator& coordinator);

}  // namespace orders
