#include "admin/status_json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "report/in_flight_json.h"

namespace lastcall::admin {
namespace {

nlohmann::ordered_json seconds_or_null(const std::optional<Duration>& duration) {
  return duration ? nlohmann::ordered_json(to_seconds(*duration)) : nlohmann::ordered_json();
}

nlohmann::ordered_json describe(const ShutdownView& shutdown) {
  const auto left = [&](Duration deadline) {
    return to_seconds(std::max(deadline - shutdown.elapsed, Duration::zero()));
  };
  return {{"elapsed_seconds", to_seconds(shutdown.elapsed)},
          {"drain_deadline_seconds", to_seconds(shutdown.drain_deadline)},
          {"drain_left_seconds", left(shutdown.drain_deadline)},
          {"deadline_seconds", to_seconds(shutdown.deadline)},
          {"left_seconds", left(shutdown.deadline)},
          {"last_connection_seconds", seconds_or_null(shutdown.last_connection)}};
}

nlohmann::ordered_json describe(const drain::OpenExchange& exchange) {
  return {{"method", exchange.method},
          {"path", exchange.path},
          {"client", exchange.client},
          {"stage", exchange.stage},
          {"age_seconds", to_seconds(exchange.age)},
          {"bytes_in", exchange.bytes_in},
          {"bytes_out", exchange.bytes_out}};
}

nlohmann::ordered_json describe(const StatusView& view) {
  nlohmann::ordered_json body;
  body["version"] = LASTCALL_VERSION;
  body["phase"] = to_string(view.readiness.phase);
  body["ready"] = view.readiness.ready();
  body["in_flight"] = report::in_flight_json(view.in_flight);
  body["oldest_request_seconds"] = seconds_or_null(view.oldest_request);
  body["answered_requests"] = view.answered;
  body["shutdown"] = view.shutdown ? describe(*view.shutdown) : nlohmann::ordered_json();
  return body;
}

std::string print(const nlohmann::ordered_json& body) {
  // A path may hold bytes that are no UTF-8.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return body.dump(2, ' ', false, kReplace) + "\n";
}

}  // namespace

std::string status_json(const StatusView& view) {
  return print(describe(view));
}

std::string status_json(const PrivateView& view) {
  nlohmann::ordered_json body = describe(view.status);
  body["pid"] = view.pid;
  body["unready"] = view.status.readiness.unready;
  body["exchanges"] = nlohmann::ordered_json::array();
  for (const drain::OpenExchange& exchange : view.exchanges) {
    body["exchanges"].push_back(describe(exchange));
  }
  return print(body);
}

}  // namespace lastcall::admin
