#include "admin/status_text.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "admin/pages.h"
#include "report/figures.h"
#include "report/in_flight_text.h"
#include "report/prose.h"

namespace lastcall::admin {
namespace {

constexpr std::size_t kRoutesShown = 40;
constexpr std::size_t kRouteWidth = 48;
constexpr std::size_t kLeastRouteWidth = 16;

/// What is in flight of one method and path.
struct Route {
  std::uint64_t count = 0;
  drain::OpenExchange oldest{};  ///< with the bytes of them all
};

std::vector<Route> by_route(const std::vector<drain::OpenExchange>& exchanges) {
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> places;
  std::vector<Route> routes;
  for (const drain::OpenExchange& one : exchanges) {
    const auto [place, is_new] = places.try_emplace({one.method, one.path}, routes.size());
    if (is_new) {
      routes.push_back({.count = 1, .oldest = one});
      continue;
    }
    Route& route = routes[place->second];
    ++route.count;
    route.oldest.bytes_in += one.bytes_in;
    route.oldest.bytes_out += one.bytes_out;
  }
  return routes;
}

std::string name_of(const Route& route) {
  return report::cut_to(report::printable(route.oldest.method + " " + route.oldest.path), kRouteWidth);
}

std::string table(const std::vector<drain::OpenExchange>& exchanges) {
  const std::vector<Route> routes = by_route(exchanges);
  const auto shown = std::span(routes).first(std::min(routes.size(), kRoutesShown));
  std::size_t columns = kLeastRouteWidth;
  for (const Route& route : shown) {
    columns = std::max(columns, report::width(name_of(route)));
  }
  using report::count_text;
  using report::pad;
  std::string text =
      fmt::format("\ncount  {}     oldest  from             is             bytes in   bytes out\n",
                  pad("route", columns));
  for (const Route& route : shown) {
    const drain::OpenExchange& oldest = route.oldest;
    text += fmt::format("{:>5}  {}  {:>9}  {}  {}  {:>10}  {:>10}\n", count_text(route.count),
                        pad(name_of(route), columns), report::span_text(oldest.age),
                        pad(report::printable(oldest.client), 15), pad(oldest.stage, 11),
                        count_text(oldest.bytes_in), count_text(oldest.bytes_out));
  }
  if (routes.size() > kRoutesShown) {
    text += fmt::format("       and {} more routes\n", routes.size() - kRoutesShown);
  }
  return text;
}

std::string time_left(const ShutdownView& shutdown) {
  const auto left = [&](Duration deadline) {
    return report::span_text(std::max(deadline - shutdown.elapsed, Duration::zero()));
  };
  return fmt::format("time left  {} until what is in flight is cut, {} until the app is killed\n",
                     left(shutdown.drain_deadline), left(shutdown.deadline));
}

}  // namespace

std::string status_text(const StatusView& view, const std::vector<drain::OpenExchange>& exchanges) {
  const std::string_view phase = to_string(view.readiness.phase);
  const std::string_view state = state_of(view);
  std::string text =
      fmt::format("phase      {}{}\n", phase,
                  state == phase ? std::string() : fmt::format(", {}", report::printable(state)));
  text += "in flight  " + report::in_flight_text(view.in_flight) + "\n";
  if (view.shutdown) {
    text += time_left(*view.shutdown);
  }
  return exchanges.empty() ? text : text + table(exchanges);
}

}  // namespace lastcall::admin
