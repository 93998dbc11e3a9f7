#include "admin/pages.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "admin/status_json.h"
#include "http/reason.h"

namespace lastcall::admin {
namespace {

constexpr std::string_view kLivePaths[] = {"/livez", "/health/live"};
constexpr std::string_view kReadyPaths[] = {"/readyz", "/health/ready", "/healthz", "/up", "/api/health"};
constexpr std::string_view kHealthJson = "application/health+json";

bool is_one_of(std::string_view path, std::span<const std::string_view> paths) {
  return std::ranges::find(paths, path) != paths.end();
}

/// draft-inadarei-api-health-check-06: its status must agree with the status code, so that draining is a
/// "fail".
Response health(bool good, std::string_view state, std::string_view accept) {
  Response response{.status = good ? 200 : 503};
  if (accept.find(kHealthJson) == std::string_view::npos) {
    response.body = std::string(state) + "\n";
    return response;
  }
  response.content_type = kHealthJson;
  nlohmann::ordered_json body = {{"status", good ? "pass" : "fail"}};
  body["output"] = state;
  response.body = body.dump() + "\n";
  return response;
}

void add_state(Metrics& metrics, drain::Phase phase) {
  metrics.family("lastcall_state", Metrics::Type::gauge,
                 "1 for the phase of this process, 0 for the others.");
  for (int i = 0; i <= static_cast<int>(drain::Phase::stopped); ++i) {
    const auto each = static_cast<drain::Phase>(i);
    metrics.sample({{"state", to_string(each)}}, each == phase ? 1 : 0);
  }
}

void add_phases(Metrics& metrics, const std::vector<drain::PhaseSpan>& phases) {
  metrics.family("lastcall_drain_phase_seconds", Metrics::Type::gauge,
                 "How long each phase of the shutdown has lasted.");
  for (const drain::PhaseSpan& span : phases) {
    metrics.sample({{"phase", to_string(span.phase)}}, to_seconds(span.lasted));
  }
}

Response metrics_page(const Source& source) {
  const StatusView view = source.status();
  const drain::InFlight& in_flight = view.in_flight;
  Metrics metrics;
  metrics.family("lastcall_build_info", Metrics::Type::gauge, "The version of lastcall.");
  metrics.sample({{"version", LASTCALL_VERSION}}, 1);
  add_state(metrics, view.readiness.phase);
  metrics.family("lastcall_http_in_flight_requests", Metrics::Type::gauge,
                 "Requests from the first byte of their head to the last of their response.");
  metrics.sample({}, static_cast<double>(in_flight.requests + in_flight.heads));
  metrics.family("lastcall_connections", Metrics::Type::gauge, "Open client connections.");
  metrics.sample({{"kind", "h1"}}, static_cast<double>(in_flight.requests + in_flight.heads + in_flight.idle +
                                                       in_flight.silent));
  metrics.sample({{"kind", "tunnel"}}, static_cast<double>(in_flight.tunnels));
  if (view.shutdown) {
    add_phases(metrics, view.shutdown->phases);
  }
  source.add_metrics(metrics);
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.text()};
}

Response ready_page(const Source& source, std::string_view accept) {
  const StatusView view = source.status();
  const bool ready = view.readiness.ready();
  Response response = health(ready, state_of(view), accept);
  response.failed_probe = !ready;
  return response;
}

}  // namespace

std::string_view state_of(const StatusView& view) {
  const drain::Readiness& readiness = view.readiness;
  if (readiness.ready()) {
    return "ready";
  }
  if (readiness.phase != drain::Phase::serving) {
    return to_string(readiness.phase);
  }
  if (readiness.unready) {
    return "unready";
  }
  return view.unready_because.empty() ? "the app does not answer" : std::string_view(view.unready_because);
}

Response answer(const Request& request, const Source& source) {
  if (request.method != http::Method::get && request.method != http::Method::head) {
    return refuse(405, "only GET and HEAD");
  }
  if (is_one_of(request.path, kLivePaths)) {
    const bool live = source.status().readiness.live();
    return health(live, live ? "live" : "the app does not answer its live check", request.accept);
  }
  if (is_one_of(request.path, kReadyPaths)) {
    return ready_page(source, request.accept);
  }
  if (request.path == "/metrics") {
    return metrics_page(source);
  }
  if (request.path == "/status") {
    return {.content_type = "application/json", .body = status_json(source.status())};
  }
  return refuse(404, "there are /livez, /readyz, /metrics and /status");
}

Response refuse(int status, std::string_view why) {
  return {.status = status, .body = std::string(why) + "\n"};
}

std::string render(const Response& response, bool head) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out.append(http::reason_phrase(response.status)).append("\r\nContent-Type: ").append(response.content_type);
  out += "\r\nContent-Length: " + std::to_string(response.body.size());
  out += "\r\nCache-Control: no-store\r\nConnection: close\r\n";
  if (response.status == 405) {
    out.append("Allow: ").append(response.allow).append("\r\n");
  }
  out += "\r\n";
  if (!head) {
    out += response.body;
  }
  return out;
}

}  // namespace lastcall::admin
