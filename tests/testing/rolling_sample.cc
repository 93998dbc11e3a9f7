#include "testing/rolling_sample.h"

namespace lastcall::sample {
namespace {

using judge::Kind;
using judge::Outcome;

constexpr Time kStart{3600s};

judge::RollingEvidence evidence(std::string title, std::string exit) {
  judge::RollingEvidence result;
  result.setup = {
      .title = std::move(title),
      .command = {"node", "server.js"},
      .balancer = "haproxy",
      .settings = {"retries 3, option redispatch 1: a refused connection is tried again elsewhere"},
      .replicas = 3,
      .restarts = 2,
      .rate = 200,
      .seed = 7};
  result.flows = {{.name = "new connections", .kind = Kind::fresh, .path = "/"},
                  {.name = "slow", .kind = Kind::slow, .path = "/slow"}};
  for (const std::uint32_t number : {0U, 1U}) {
    const Time signalled = kStart + 1s + number * 1s;
    result.restarts.push_back({.replica = 3 - number,
                               .signalled = signalled,
                               .exited = signalled + 200ms,
                               .ready = signalled + 400ms,
                               .routed = signalled + 600ms,
                               .exit = exit});
  }
  for (int i = 0; i < 600; ++i) {
    const Time begun = kStart + i * 5ms;
    result.observations.push_back({.flow = i % 2 == 0 ? 0U : 1U,
                                   .status = 200,
                                   .intended = begun,
                                   .started = begun,
                                   .ended = begun + 2ms});
  }
  return result;
}

}  // namespace

judge::RollingVerdict failed_rolling() {
  judge::RollingEvidence all = evidence("bare", "died of SIGTERM");
  const auto add = [&](Outcome outcome, std::int16_t status, Duration after) {
    const Time at = kStart + 1s + after;
    all.observations.push_back({.flow = 1,
                                .outcome = outcome,
                                .status = status,
                                .intended = at - 20ms,
                                .started = at - 20ms,
                                .ended = at});
  };
  add(Outcome::server_error, 502, 24ms);
  add(Outcome::server_error, 502, 24ms);
  add(Outcome::eof, 0, 31ms);
  return judge::judge(all);
}

judge::RollingVerdict passed_rolling() {
  return judge::judge(evidence("lastcall run", "exit 0"));
}

}  // namespace lastcall::sample
