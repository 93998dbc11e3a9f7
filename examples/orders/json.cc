#include "json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace orders {
namespace {

constexpr int kMostUnits = 1000;
constexpr std::size_t kLongestItem = 200;

nlohmann::ordered_json describe(const Order& order) {
  return {{"id", order.id}, {"item", order.item}, {"quantity", order.quantity}, {"status", order.status}};
}

}  // namespace

std::string to_json(const Order& order) {
  return describe(order).dump();
}

std::string to_json(const std::vector<Order>& orders) {
  auto all = nlohmann::ordered_json::array();
  for (const Order& order : orders) {
    all.push_back(describe(order));
  }
  return all.dump();
}

lastcall::Result<NewOrder> parse_new_order(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const bool has_item = json.is_object() && json.contains("item") && json["item"].is_string();
  if (!has_item) {
    return lastcall::failure("an order looks like {\"item\": \"tea\", \"quantity\": 2}");
  }
  const auto quantity = json.value("quantity", nlohmann::json(1));
  if (!quantity.is_number_integer() || quantity < 1 || quantity > kMostUnits) {
    return lastcall::failure("quantity is a whole number from 1 to 1000");
  }
  NewOrder order{.item = json["item"], .quantity = quantity};
  // PostgreSQL keeps no NUL, and a log wants no line breaks.
  const auto is_control = [](unsigned char each) { return each < ' ' || each == 0x7F; };
  if (order.item.empty() || order.item.size() > kLongestItem || std::ranges::any_of(order.item, is_control)) {
    return lastcall::failure("an item has a name, of 200 bytes at most, without control characters");
  }
  return order;
}

}  // namespace orders
