// What orders look like to clients.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "order_store.h"

namespace orders {

std::string to_json(const Order& order);
std::string to_json(const std::vector<Order>& orders);

/// What a client asks for: {"item": "tea", "quantity": 2}.
struct NewOrder {
  std::string item{};
  int quantity = 1;
};

/// Error: what is wrong with it.
lastcall::Result<NewOrder> parse_new_order(std::string_view text);

}  // namespace orders
