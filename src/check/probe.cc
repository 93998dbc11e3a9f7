#include "check/probe.h"

#include <algorithm>
#include <cerrno>

namespace lastcall::check {
namespace {

using judge::Observation;
using judge::Outcome;

Scenario scenario(const Prober::Plan& plan) {
  constexpr std::uint32_t kSpare = 2;
  const Flow questions{.name = "probe",
                       .path = plan.path,
                       .clients = static_cast<std::uint32_t>(plan.timeout / plan.every) + kSpare,
                       .rate = 1 / to_seconds(plan.every),
                       .even = true,
                       .timeout = plan.timeout};
  return {.target = plan.target, .host = plan.host, .flows = {questions}, .headers = plan.headers};
}

judge::Probe to_probe(const Observation& seen) {
  return {.asked = seen.started,
          .answered = seen.ended,
          .status = seen.status,
          .error = seen.outcome == Outcome::timeout ? ETIMEDOUT : seen.error};
}

}  // namespace

Prober::Prober(const Plan& plan, net::Loop& loop) : load_(scenario(plan), loop) {}

std::vector<judge::Probe> Prober::probes() const {
  std::vector<judge::Probe> result;
  result.reserve(load_.observations().size());
  for (const Observation& seen : load_.observations()) {
    if (seen.outcome != Outcome::unsent) {
      result.push_back(to_probe(seen));
    }
  }
  std::ranges::sort(result, {}, &judge::Probe::asked);
  return result;
}

std::optional<judge::Probe> Prober::latest() const {
  if (load_.observations().empty()) {
    return std::nullopt;
  }
  return to_probe(load_.observations().back());
}

}  // namespace lastcall::check
