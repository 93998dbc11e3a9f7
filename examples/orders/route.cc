#include "route.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace orders {
namespace {

constexpr std::string_view kOrders = "/orders/";
constexpr std::string_view kPay = "/pay";
constexpr std::string_view kWait = "wait_ms=";

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

std::chrono::milliseconds parse_wait(std::string_view query) {
  if (!query.starts_with(kWait)) {
    return {};
  }
  const std::chrono::milliseconds wait(parse_number(query.substr(kWait.size())).value_or(0));
  return std::min(wait, Route::kLongestWait);
}

Route with_id(Route::Kind kind, std::string_view id, std::string_view query) {
  const auto number = parse_number(id);
  return number ? Route{.kind = kind, .id = *number, .wait = parse_wait(query)} : Route{};
}

Route parse_get(std::string_view path, std::string_view query) {
  if (path == "/") {
    return {.kind = Route::Kind::home};
  }
  if (path == "/orders") {
    return {.kind = Route::Kind::list};
  }
  if (path == "/feed") {
    return {.kind = Route::Kind::feed};
  }
  if (path == "/events") {
    return {.kind = Route::Kind::events};
  }
  return path.starts_with(kOrders) ? with_id(Route::Kind::find, path.substr(kOrders.size()), query) : Route{};
}

Route parse_post(std::string_view path) {
  if (path == "/orders") {
    return {.kind = Route::Kind::place};
  }
  if (path.starts_with(kOrders) && path.ends_with(kPay)) {
    path.remove_prefix(kOrders.size());
    path.remove_suffix(std::min(kPay.size(), path.size()));
    return with_id(Route::Kind::pay, path, {});
  }
  return {};
}

}  // namespace

Route parse_route(std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = target.substr(std::min(path.size() + 1, target.size()));
  if (method == "GET" || method == "HEAD") {
    return parse_get(path, query);
  }
  return method == "POST" ? parse_post(path) : Route{};
}

}  // namespace orders
