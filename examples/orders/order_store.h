// OrderStore: orders and their payments. Every change is one transaction, and repeating one changes nothing
// further: a client or a queue that does not know whether it was heard may simply say it again. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "database.h"

namespace orders {

struct Order {
  std::int64_t id = 0;
  std::string item{};
  int quantity = 0;
  std::string status{};  ///< placed, paying, paid

  /// It never changes any more.
  [[nodiscard]] bool is_final() const { return status == "paid"; }
};

class OrderStore {
 public:
  explicit OrderStore(Database& database) : database_(database) {}

  lastcall::Result<void> create_tables();

  /// The order that `key` stands for, made if it is the first time; with an empty key always a new one.
  lastcall::Result<Order> place(const std::string& key, const std::string& item, int quantity);

  lastcall::Result<std::optional<Order>> find(std::int64_t id);

  /// The newest ones.
  lastcall::Result<std::vector<Order>> list(int most);

  /// The client wants to pay: from now on it is settle()'s turn, in this process or the next one.
  lastcall::Result<std::optional<Order>> request_payment(std::int64_t id);

  /// Takes the money, once. The order as it is then; nothing if no payment was asked for.
  lastcall::Result<std::optional<Order>> settle(std::int64_t id);

  /// Orders whose payment was asked for and not settled.
  lastcall::Result<std::vector<std::int64_t>> unsettled();

  lastcall::Result<void> ping();

 private:
  lastcall::Result<Rows> query(const std::string& sql, const std::vector<std::string>& parameters);
  lastcall::Result<std::optional<Order>> find_one(const std::string& sql, std::int64_t id);

  Database& database_;
};

}  // namespace orders
