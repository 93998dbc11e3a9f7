// Properties of the judge over random evidence: it takes whatever a record may hold, its verdict is its worst
// finding, and no loss makes it milder. A failure prints the configuration that repeats it.
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "judge/test_trial.h"

namespace lastcall::judge {
namespace {

using rc::gen::arbitrary;
using rc::gen::element;
using rc::gen::inRange;

Time some_time() {
  return at(std::chrono::microseconds(*inRange<std::int64_t>(-2'000'000, 40'000'000)));
}

Time some_time_or_never() {
  return *inRange(0, 4) == 0 ? Time::max() : some_time();
}

bool some_bool() {
  return *arbitrary<bool>();
}

Observation some_observation(std::uint32_t flows) {
  Observation one{.flow = *inRange<std::uint32_t>(0, flows + 1),  // one more than there are
                  .outcome = static_cast<Outcome>(*inRange<int>(0, kOutcomes)),
                  .reused = some_bool(),
                  .told_to_leave = some_bool(),
                  .retry_after = some_bool(),
                  .status = *element<std::int16_t>(0, 101, 200, 404, 408, 500, 503),
                  .close_code = *element<std::uint16_t>(0, 1000, 1001, 1011, 1012),
                  .error = *element(0, ECONNRESET, EPIPE, ETIMEDOUT),
                  .started = some_time(),
                  .connected = some_time_or_never(),
                  .answered = some_time_or_never(),
                  .ended = some_time(),
                  .sent = *inRange<std::uint64_t>(0, 200),
                  .received = *inRange<std::uint64_t>(0, 200)};
  one.intended = one.started - std::chrono::milliseconds(*element(0, 0, 0, 1, 60));
  return one;
}

std::vector<Probe> some_probes() {
  std::vector<Probe> probes(*inRange<std::size_t>(0, 20));
  for (Probe& probe : probes) {
    probe = {.asked = some_time(),
             .answered = some_time(),
             .status = *element(0, 200, 204, 404, 503),
             .error = *element(0, ECONNREFUSED)};
  }
  return probes;
}

Process some_process() {
  Process process{.ours = some_bool(), .killed = some_bool(), .zombies = *element(0U, 0U, 1U)};
  if (some_bool()) {
    process.exited = some_time();
    (some_bool() ? process.exit_status : process.died_of) = *element(0, 1, 15, 143);
  }
  if (some_bool()) {
    process.orphans = {"sleep"};
    process.port_held = some_time();
  }
  return process;
}

Trial some_trial(const std::vector<Flow>& flows, std::uint32_t number) {
  Trial trial{.number = number, .flows = flows, .began = some_time(), .load_ended = some_time()};
  trial.signals.push_back({.at = at(0s), .number = SIGTERM});
  if (some_bool()) {
    trial.signals.push_back({.at = some_time(), .number = SIGINT});
  }
  trial.grace = std::chrono::seconds(*inRange(0, 31));
  const auto count = static_cast<std::uint32_t>(flows.size());
  for (int left = *inRange(0, 60); left > 0; --left) {
    trial.observations.push_back(some_observation(count));
  }
  for (int left = *inRange(0, 6); left > 0; --left) {
    trial.departures.push_back({.flow = *inRange<std::uint32_t>(0, count + 1),
                                .at = some_time(),
                                .last_used = some_time(),
                                .told_to_leave = some_bool()});
  }
  trial.readiness = some_probes();
  trial.liveness = some_probes();
  trial.liveness_apart = some_bool();
  trial.process = some_process();
  trial.saturated = *inRange(0, 8) == 0;
  return trial;
}

std::vector<Trial> some_trials() {
  std::vector<Flow> flows(*inRange<std::size_t>(0, 8));
  for (Flow& flow : flows) {
    flow.kind = static_cast<Kind>(*inRange<int>(0, kKinds));
  }
  std::vector<Trial> trials;
  for (std::uint32_t left = *inRange(1U, 4U); left > 0; --left) {
    trials.push_back(some_trial(flows, left));
  }
  return trials;
}

const Profile& some_profile() {
  return profiles()[*inRange<std::size_t>(0, profiles().size())];
}

void check_finding(const Finding& finding, std::size_t trials) {
  RC_ASSERT(!finding.summary.empty());
  RC_ASSERT(finding.broken <= finding.tried);
  RC_ASSERT(finding.evidence.size() <= Finding::kMaxEvidence);
  RC_ASSERT(finding.trials.empty() == (finding.status != Status::failed));
  RC_ASSERT(finding.trials.size() <= trials);
}

RC_GTEST_PROP(Judge, TakesAnyEvidenceAndIsItsWorstFinding, ()) {
  const std::vector<Trial> trials = some_trials();
  const Verdict verdict = judge(trials, some_profile());

  Status worst = Status::skipped;
  std::string before;
  for (const Finding& finding : verdict.findings) {
    RC_ASSERT(before < finding.clause);
    before = finding.clause;
    worst = std::max(worst, finding.status);
    check_finding(finding, trials.size());
  }
  RC_ASSERT(verdict.status == worst);
  RC_ASSERT(verdict.trials.size() == trials.size());
  RC_ASSERT(verdict.flows.size() == trials.front().flows.size());
  for (const Timeline::Lane& lane : verdict.timeline.lanes) {
    RC_ASSERT(lane.bins.size() == verdict.timeline.lanes.front().bins.size());
  }
}

RC_GTEST_PROP(Judge, SaysTheSameTwice, ()) {
  const std::vector<Trial> trials = some_trials();
  const Profile& profile = some_profile();
  const Verdict one = judge(trials, profile);
  const Verdict other = judge(trials, profile);
  for (std::size_t i = 0; i < one.findings.size(); ++i) {
    RC_ASSERT(one.findings[i].summary == other.findings[i].summary);
    RC_ASSERT(one.findings[i].status == other.findings[i].status);
  }
}

/// Turns an attempt that went well into one that was lost at the same instant or sooner, before the time
/// when work may be cut.
bool lose_one(Trial& trial) {
  std::vector<Observation*> candidates;
  for (Observation& one : trial.observations) {
    if (one.outcome == Outcome::ok && one.started <= at(0s) && one.ended > at(0s)) {
      candidates.push_back(&one);
    }
  }
  if (candidates.empty()) {
    return false;
  }
  Observation& one = *candidates[*inRange<std::size_t>(0, candidates.size())];
  const auto lost = *element(Outcome::reset, Outcome::eof, Outcome::truncated, Outcome::timeout);
  // A connection that is not used is not lost by being closed in good order.
  const auto kind = static_cast<Kind>(one.flow);
  const bool unused = kind == Kind::idle || kind == Kind::silent;
  const Duration end = std::min<Duration>(one.ended - at(0s), std::chrono::milliseconds(*inRange(1, 900)));
  spoil(one, unused ? Outcome::reset : lost, end);
  return true;
}

RC_GTEST_PROP(Judge, FailsAPerfectServerForAnyOneLoss, ()) {
  Trial trial = perfect_trial();
  RC_ASSERT(lose_one(trial));
  trial.process.exit_status = *element(0, 1);
  RC_ASSERT(judge_one(trial).status == Status::failed);
}

RC_GTEST_PROP(Judge, IsNeverMilderForMoreLoss, ()) {
  std::vector<Trial> trials = {perfect_trial(1), perfect_trial(2), perfect_trial(3)};
  if (some_bool()) {
    trials[2].signals.push_back({.at = at(300ms), .number = SIGTERM});
  }
  Status before = judge(trials, profiles().front()).status;
  std::uint64_t broken = 0;
  for (int left = *inRange(1, 30); left > 0; --left) {
    if (!lose_one(trials[*inRange<std::size_t>(0, trials.size())])) {
      break;
    }
    const Verdict verdict = judge(trials, profiles().front());
    std::uint64_t lost = 0;
    for (const TrialSummary& trial : verdict.trials) {
      lost += trial.lost;
    }
    RC_ASSERT(verdict.status >= before);
    RC_ASSERT(lost > broken);
    before = verdict.status;
    broken = lost;
  }
}

}  // namespace
}  // namespace lastcall::judge
