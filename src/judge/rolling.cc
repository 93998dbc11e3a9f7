#include "judge/rolling.h"

#include <algorithm>

#include "judge/judge.h"

namespace lastcall::judge {
namespace {

constexpr std::uint64_t kFewestAttempts = 20;  ///< for each restart: below that nothing was tried
constexpr Duration kMostLag = 50ms;

bool is_error(const Observation& one) {
  return one.outcome != Outcome::ok && one.outcome != Outcome::unsent;
}

/// The restart during which something ended; nothing before the first.
std::optional<std::size_t> step_of(const RollingEvidence& evidence, Time ended) {
  const auto later = std::upper_bound(evidence.restarts.begin(), evidence.restarts.end(), ended,
                                      [](Time at, const Restart& one) { return at < one.signalled; });
  if (later == evidence.restarts.begin()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(later - evidence.restarts.begin()) - 1;
}

std::string describe(const Observation& one, const std::vector<Flow>& flows) {
  std::string what = (one.flow < flows.size() ? flows[one.flow].name : "request") + ": ";
  if (one.status >= 400) {
    what += "answered " + std::to_string(one.status);
  } else {
    what += to_string(one.outcome);
  }
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(one.ended - one.intended);
  what += " after " + std::to_string(waited.count()) + " ms";
  return what + (one.reused ? ", on a kept connection" : "");
}

void count(const RollingEvidence& evidence, RollingVerdict& verdict) {
  for (const Flow& flow : evidence.flows) {
    verdict.flows.push_back({.name = flow.name, .seen = {}});
  }
  for (const Restart& one : evidence.restarts) {
    verdict.steps.push_back({.replica = one.replica,
                             .exit = one.exit,
                             .took = one.exited - one.signalled,
                             .back = one.routed - one.signalled,
                             .seen = {}});
  }
  for (const Observation& one : evidence.observations) {
    const auto step = step_of(evidence, one.ended);
    if (!step) {
      verdict.before.add(one.outcome);
      continue;
    }
    verdict.seen.add(one.outcome);
    verdict.steps[*step].seen.add(one.outcome);
    if (one.flow < verdict.flows.size()) {
      verdict.flows[one.flow].seen.add(one.outcome);
    }
    if (is_error(one) && verdict.evidence.size() < Finding::kMaxEvidence) {
      verdict.evidence.push_back({.trial = static_cast<std::uint32_t>(*step + 1),
                                  .at = one.ended - evidence.restarts[*step].signalled,
                                  .what = describe(one, evidence.flows)});
    }
  }
}

std::optional<std::size_t> worst_step(const std::vector<RollingVerdict::Step>& steps) {
  const auto worst = std::max_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
    return errors(a.seen) < errors(b.seen);
  });
  if (worst == steps.end() || errors(worst->seen) == 0) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(worst - steps.begin());
}

/// Why nothing can be said, if so.
std::string doubt(const RollingEvidence& evidence, const RollingVerdict& verdict) {
  if (evidence.restarts.size() < evidence.setup.restarts) {
    return "only " + std::to_string(evidence.restarts.size()) + " of " +
           std::to_string(evidence.setup.restarts) + " restarts were made";
  }
  if (errors(verdict.before) > 0) {
    return std::to_string(errors(verdict.before)) + " of " + std::to_string(verdict.before.attempts()) +
           " requests failed before anything was restarted";
  }
  const auto untried = std::find_if(verdict.steps.begin(), verdict.steps.end(),
                                    [](const auto& step) { return step.seen.attempts() < kFewestAttempts; });
  if (untried != verdict.steps.end()) {
    return "only " + std::to_string(untried->seen.attempts()) + " requests during restart " +
           std::to_string(untried - verdict.steps.begin() + 1);
  }
  if (verdict.seen[Outcome::unsent] > 0 || verdict.lag.p99 > kMostLag) {
    return "the load client itself was the bottleneck: choose a lower --rate";
  }
  return {};
}

}  // namespace

std::uint64_t errors(const Tally& seen) {
  return seen.attempts() - seen[Outcome::ok];
}

RollingVerdict judge(const RollingEvidence& evidence) {
  RollingVerdict verdict;
  verdict.setup = evidence.setup;
  verdict.lag = lag(evidence.observations);
  count(evidence, verdict);
  verdict.worst = worst_step(verdict.steps);

  const std::uint64_t lost = errors(verdict.seen);
  const std::uint64_t tried = verdict.seen.attempts();
  verdict.upper_bound = tried == 0 ? 1 : upper_bound_95(lost, tried);
  const std::string unclear = doubt(evidence, verdict);
  verdict.summary = std::to_string(lost) + " errors in " + std::to_string(tried) + " requests over " +
                    std::to_string(evidence.restarts.size()) + " restarts";
  if (lost > 0 && errors(verdict.before) == 0) {
    verdict.status = Status::failed;
  } else if (!unclear.empty()) {
    verdict.status = Status::inconclusive;
    verdict.summary = unclear;
  } else {
    verdict.status = Status::passed;
  }
  return verdict;
}

}  // namespace lastcall::judge
