#include "order_store.h"

#include <random>
#include <utility>

namespace orders {
namespace {

using lastcall::Failure;
using lastcall::Result;

const std::string kColumns = "id, item, quantity, status";

std::string random_key() {
  std::random_device random;
  return std::to_string(random()) + std::to_string(random()) + std::to_string(random()) +
         std::to_string(random());
}

Order read_order(const Row& row) {
  return {.id = std::stoll(row[0]), .item = row[1], .quantity = std::stoi(row[2]), .status = row[3]};
}

}  // namespace

Result<void> OrderStore::create_tables() {
  const std::string tables[] = {
      "CREATE TABLE IF NOT EXISTS orders (id " + database_.identity_type() +
          " PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, item TEXT NOT NULL, quantity INTEGER NOT NULL,"
          " status TEXT NOT NULL)",
      "CREATE TABLE IF NOT EXISTS placements (order_id BIGINT PRIMARY KEY)",
      "CREATE TABLE IF NOT EXISTS payments (order_id BIGINT PRIMARY KEY, units INTEGER NOT NULL)",
  };
  return database_.transaction([&](Session& session) -> Result<void> {
    for (const std::string& table : tables) {
      if (auto made = session.query(table, {}); !made) {
        return Failure(made.error());
      }
    }
    return {};
  });
}

Result<Order> OrderStore::place(const std::string& key, const std::string& item, int quantity) {
  const std::string unique = key.empty() ? random_key() : key;
  Order order;
  auto placed = database_.transaction([&](Session& session) -> Result<void> {
    auto made = session.query(
        "INSERT INTO orders (idempotency_key, item, quantity, status) VALUES ($1, $2, $3, 'placed')"
        " ON CONFLICT (idempotency_key) DO NOTHING RETURNING id",
        {unique, item, std::to_string(quantity)});
    if (made && !made->empty()) {
      made = session.query("INSERT INTO placements (order_id) VALUES ($1)", {made->front().front()});
    }
    if (made) {
      made = session.query("SELECT " + kColumns + " FROM orders WHERE idempotency_key = $1", {unique});
    }
    if (!made) {
      return Failure(made.error());
    }
    order = read_order(made->front());
    return {};
  });
  return placed.map([&] { return order; });
}

Result<std::optional<Order>> OrderStore::find(std::int64_t id) {
  return find_one("SELECT " + kColumns + " FROM orders WHERE id = $1", id);
}

Result<std::vector<Order>> OrderStore::list(int most) {
  return query("SELECT " + kColumns + " FROM orders ORDER BY id DESC LIMIT $1", {std::to_string(most)})
      .map([](const Rows& rows) {
        std::vector<Order> orders;
        for (const Row& row : rows) {
          orders.push_back(read_order(row));
        }
        return orders;
      });
}

Result<std::optional<Order>> OrderStore::request_payment(std::int64_t id) {
  auto updated =
      query("UPDATE orders SET status = 'paying' WHERE id = $1 AND status = 'placed'", {std::to_string(id)});
  return updated ? find(id) : Failure(updated.error());
}

Result<std::optional<Order>> OrderStore::settle(std::int64_t id) {
  auto settled = database_.transaction([&](Session& session) -> Result<void> {
    auto changed = session.query(
        "UPDATE orders SET status = 'paid' WHERE id = $1 AND status = 'paying' RETURNING quantity",
        {std::to_string(id)});
    if (changed && !changed->empty()) {
      changed = session.query("INSERT INTO payments (order_id, units) VALUES ($1, $2)",
                              {std::to_string(id), changed->front().front()});
    }
    return changed ? Result<void>() : Failure(changed.error());
  });
  return settled ? find_one("SELECT " + kColumns + " FROM orders WHERE id = $1 AND status = 'paid'", id)
                 : Failure(settled.error());
}

Result<std::vector<std::int64_t>> OrderStore::unsettled() {
  return query("SELECT id FROM orders WHERE status = 'paying' ORDER BY id", {}).map([](const Rows& rows) {
    std::vector<std::int64_t> ids;
    for (const Row& row : rows) {
      ids.push_back(std::stoll(row[0]));
    }
    return ids;
  });
}

Result<void> OrderStore::ping() {
  auto answer = query("SELECT 1", {});
  return answer ? Result<void>() : Failure(answer.error());
}

Result<Rows> OrderStore::query(const std::string& sql, const std::vector<std::string>& parameters) {
  Result<Rows> rows;
  auto done = database_.transaction([&](Session& session) -> Result<void> {
    rows = session.query(sql, parameters);
    return rows ? Result<void>() : Failure(rows.error());
  });
  return done ? std::move(rows) : Failure(done.error());
}

Result<std::optional<Order>> OrderStore::find_one(const std::string& sql, std::int64_t id) {
  return query(sql, {std::to_string(id)}).map([](const Rows& rows) {
    return rows.empty() ? std::nullopt : std::optional(read_order(rows.front()));
  });
}

}  // namespace orders
