#include "proxy_source.h"

#include <string>
#include <vector>

namespace lastcall {
namespace {

using admin::Metrics;
using Shards = std::vector<std::unique_ptr<proxy::Shard>>;

template <class Read>
std::uint64_t sum(const Shards& shards, Read read) {
  std::uint64_t total = 0;
  for (const auto& shard : shards) {
    total += read(shard->counters()).get();
  }
  return total;
}

void add_requests(const Shards& shards, Metrics& metrics) {
  metrics.family("lastcall_http_requests_total", Metrics::Type::counter,
                 "Requests answered, by method and status code.");
  for (std::size_t method = 0; method < proxy::kMethods; ++method) {
    for (std::size_t status = 0; status < proxy::kStatuses; ++status) {
      const std::uint64_t count = sum(shards, [&](const proxy::Counters& counters) -> auto& {
        return counters.responses[method][status];
      });
      if (count > 0) {
        const std::string code = std::to_string(status);
        metrics.sample({{"method", http::to_string(static_cast<http::Method>(method))}, {"code", code}},
                       static_cast<double>(count));
      }
    }
  }
}

std::vector<std::uint64_t> durations_of(const Shards& shards) {
  std::vector<std::uint64_t> counts;
  for (std::size_t bucket = 0; bucket <= proxy::kDurationBounds.size(); ++bucket) {
    counts.push_back(
        sum(shards, [&](const proxy::Counters& counters) -> auto& { return counters.durations[bucket]; }));
  }
  return counts;
}

void add_durations(const Shards& shards, Metrics& metrics) {
  const std::uint64_t total_ns =
      sum(shards, [](const proxy::Counters& counters) -> auto& { return counters.duration_ns; });
  metrics.family("lastcall_http_request_duration_seconds", Metrics::Type::histogram,
                 "From the last byte of a request's head to the last byte of its response.");
  metrics.histogram({}, proxy::kDurationBounds, durations_of(shards), static_cast<double>(total_ns) / 1e9);
}

void add_transport(const Shards& shards, Metrics& metrics) {
  metrics.family("lastcall_connections_accepted_total", Metrics::Type::counter,
                 "Connections accepted, by worker.");
  for (std::size_t worker = 0; worker < shards.size(); ++worker) {
    const std::string name = std::to_string(worker);
    metrics.sample({{"worker", name}}, static_cast<double>(shards[worker]->counters().accepted.get()));
  }
  const auto total = [&](const char* name, const char* help, auto read) {
    metrics.family(name, Metrics::Type::counter, help);
    metrics.sample({}, static_cast<double>(sum(shards, read)));
  };
  total("lastcall_http_request_bytes_total", "Request bytes received from clients.",
        [](const proxy::Counters& counters) -> auto& { return counters.bytes_in; });
  total("lastcall_http_response_bytes_total", "Response bytes sent to clients.",
        [](const proxy::Counters& counters) -> auto& { return counters.bytes_out; });
  total("lastcall_upstream_retries_total",
        "Requests sent again because the app had closed an idle connection.",
        [](const proxy::Counters& counters) -> auto& { return counters.retries; });
}

void add_drain(const drain::TrafficReport& traffic, Metrics& metrics) {
  metrics.family("lastcall_drain_requests_total", Metrics::Type::counter,
                 "What became of requests during the drain.");
  metrics.sample({{"outcome", "completed"}}, static_cast<double>(traffic.finished));
  metrics.sample({{"outcome", "refused"}}, static_cast<double>(traffic.refused));
  metrics.sample({{"outcome", "failed"}}, static_cast<double>(traffic.failed));
  metrics.sample({{"outcome", "cut"}}, static_cast<double>(traffic.cut));
  metrics.sample({{"outcome", "lost_race"}}, static_cast<double>(traffic.lost_race));
}

}  // namespace

admin::StatusView ProxySource::status(const proxy::Snapshot& snapshot) const {
  admin::StatusView view{.readiness = readiness_(),
                         .in_flight = snapshot.in_flight,
                         .oldest_request = {},
                         .answered = 0,
                         .shutdown = shutdown_()};
  for (const std::uint64_t count : durations_of(proxy_.shards())) {
    view.answered += count;
  }
  if (view.in_flight.requests + view.in_flight.tunnels > 0) {
    view.oldest_request = snapshot.oldest_request;
  }
  if (view.shutdown) {
    view.shutdown->last_connection = snapshot.last_connection;
  }
  return view;
}

void ProxySource::add_metrics(admin::Metrics& metrics) const {
  add_requests(proxy_.shards(), metrics);
  add_durations(proxy_.shards(), metrics);
  add_transport(proxy_.shards(), metrics);
  add_drain(proxy_.traffic(), metrics);
}

}  // namespace lastcall
