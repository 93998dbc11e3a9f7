#include "check/traffic.h"

#include <algorithm>

namespace lastcall::check {
namespace {

using judge::Kind;

constexpr double kStandardRate = 200;
constexpr Duration kUsualTimeout = 10s;
constexpr std::uint32_t kMaxClients = 10'000;
constexpr std::uint64_t kUploadBytes = 256 * 1024;
constexpr std::uint64_t kHeldUploadBytes = 64 * 1024;
constexpr Range kThink{0ms, 50ms};
constexpr Pace kSlowReading{.bytes = 64 * 1024, .every = 25ms};

/// So many that nobody waits for another's answer, even if all answers take until the timeout.
std::uint32_t clients_for(double rate, Duration timeout) {
  return static_cast<std::uint32_t>(
      std::clamp(rate * to_seconds(timeout), 10.0, static_cast<double>(kMaxClients)));
}

std::uint32_t thinking_clients_for(double rate) {
  const double each = 1 / to_seconds((kThink.least + kThink.most) / 2);
  return static_cast<std::uint32_t>(std::max(1.0, rate / each));
}

}  // namespace

Scenario traffic(const Plan& plan, const sys::Address& target, std::uint64_t seed) {
  Scenario all{.target = target, .host = plan.host, .flows = {}, .seed = seed, .headers = plan.headers};
  // Work in flight has until the server's end: a client that gave up before would look like one that was cut.
  const Duration patience = plan.grace + kUsualTimeout;
  const auto add = [&all](const std::string& path, const Flow& flow) {
    if (!path.empty()) {
      all.flows.push_back(flow);
      all.flows.back().name = judge::to_string(flow.kind);
      all.flows.back().path = path;
    }
  };
  add(plan.path, {.kind = Kind::fresh, .clients = clients_for(plan.rate, kUsualTimeout), .rate = plan.rate});
  add(plan.path, {.kind = Kind::keep_alive, .clients = thinking_clients_for(plan.rate), .think = kThink});
  add(plan.path, {.kind = Kind::idle, .clients = 10});
  add(plan.path, {.kind = Kind::silent, .clients = 3});
  add(plan.path, {.kind = Kind::half_head, .clients = 4});
  const double pipelined = 10 * plan.rate / kStandardRate;
  add(plan.path,
      {.kind = Kind::pipelined, .clients = clients_for(pipelined, kUsualTimeout), .rate = pipelined});
  add(plan.slow_path, {.kind = Kind::slow, .clients = 8, .timeout = patience});
  add(plan.upload_path, {.kind = Kind::upload,
                         .clients = 4,
                         .think = kThink,
                         .upload_bytes = kUploadBytes,
                         .timeout = patience});
  add(plan.upload_path,
      {.kind = Kind::held_upload, .clients = 2, .upload_bytes = kHeldUploadBytes, .timeout = patience});
  add(plan.upload_path, {.kind = Kind::expect_continue,
                         .clients = 4,
                         .think = kThink,
                         .upload_bytes = kHeldUploadBytes,
                         .timeout = patience});
  add(plan.download_path,
      {.kind = Kind::download, .clients = 4, .download = kSlowReading, .timeout = patience});
  add(plan.websocket_path, {.kind = Kind::websocket, .clients = 10});
  add(plan.event_stream_path, {.kind = Kind::event_stream, .clients = 4});
  return all;
}

bool is_awaited(judge::Kind kind) {
  return kind != Kind::fresh && kind != Kind::keep_alive && kind != Kind::pipelined;
}

}  // namespace lastcall::check
