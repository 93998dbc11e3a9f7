#include "report/verdict_json.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "judge/clause.h"
#include "judge/judge.h"

namespace lastcall::report {

namespace {

using Json = nlohmann::ordered_json;
using judge::Status;
using judge::Timeline;
using judge::Verdict;

/// Milliseconds, to the microsecond.
Json ms(Duration duration) {
  const auto us = std::chrono::round<std::chrono::microseconds>(duration).count();
  if (us % 1000 == 0) {
    return us / 1000;
  }
  return static_cast<double>(us) / 1000.0;
}

template <class Items, class ToJson>
Json list(const Items& items, ToJson one_json) {
  Json all = Json::array();
  std::ranges::transform(items, std::back_inserter(all), one_json);
  return all;
}

Json profile_json(const judge::Profile& profile) {
  return {{"name", profile.name},
          {"grace_ms", ms(profile.grace)},
          {"routed_ms", ms(profile.routed)},
          {"probed", profile.probed}};
}

Json evidence_json(const judge::Evidence& evidence) {
  return {{"trial", evidence.trial}, {"at_ms", ms(evidence.at)}, {"what", evidence.what}};
}

Json finding_json(const judge::Finding& finding) {
  const judge::Clause* const clause = judge::find_clause(finding.clause);
  const Json bound =
      finding.tried > 0 ? Json(judge::upper_bound_95(finding.broken, finding.tried)) : Json(nullptr);
  return {{"clause", finding.clause},
          {"title", clause == nullptr ? "" : clause->title},
          {"status", to_string(finding.status)},
          {"summary", finding.summary},
          {"tried", finding.tried},
          {"broken", finding.broken},
          {"rate_upper_bound_95", bound},
          {"trials", finding.trials},
          {"evidence", list(finding.evidence, evidence_json)}};
}

Json tally_json(const judge::Tally& tally) {
  Json counts = Json::object();
  for (std::size_t i = 0; i < judge::kOutcomes; ++i) {
    counts[std::string(to_string(static_cast<judge::Outcome>(i)))] = tally.counts[i];
  }
  return counts;
}

Json flow_json(const judge::FlowCount& flow) {
  return {{"name", flow.name},
          {"kind", to_string(flow.kind)},
          {"in_flight_at_signal", flow.in_flight},
          {"attempts", flow.seen.attempts()},
          {"lost", flow.seen.lost()},
          {"outcomes", tally_json(flow.seen)}};
}

Json trial_json(const judge::TrialSummary& trial) {
  return {{"number", trial.number},     {"status", to_string(trial.status)},
          {"attempts", trial.attempts}, {"lost", trial.lost},
          {"exit", trial.exit},         {"took_ms", trial.took ? ms(*trial.took) : Json(nullptr)},
          {"spoiled", trial.spoiled}};
}

/// One array for each count: five short lines instead of one object for each bin.
Json lane_json(const Timeline::Lane& lane) {
  const auto column = [&](std::uint32_t Timeline::Bin::* count) {
    Json all = Json::array();
    std::ranges::transform(lane.bins, std::back_inserter(all), count);
    return all;
  };
  return {{"name", lane.name},
          {"result", lane.result},
          {"begun", column(&Timeline::Bin::begun)},
          {"good", column(&Timeline::Bin::good)},
          {"bad", column(&Timeline::Bin::bad)},
          {"refused", column(&Timeline::Bin::refused)},
          {"in_flight", column(&Timeline::Bin::in_flight)}};
}

Json mark_json(const Timeline::Mark& mark) {
  return {{"at_ms", ms(mark.at)}, {"what", mark.what}};
}

Json timeline_json(const Verdict& verdict) {
  return {{"trial", verdict.timeline_trial},
          {"begin_ms", ms(verdict.timeline.begin)},
          {"bin_ms", ms(verdict.timeline.bin)},
          {"lanes", list(verdict.timeline.lanes, lane_json)},
          {"marks", list(verdict.timeline.marks, mark_json)}};
}

Json lag_json(const judge::Lag& lag) {
  return {{"p99_ms", ms(lag.p99)}, {"max_ms", ms(lag.max)}};
}

/// The seed is a text: not every reader of JSON keeps 64 bits.
Json verdict_json(const Verdict& verdict) {
  return {{"title", verdict.title},
          {"status", to_string(verdict.status)},
          {"exit_status", exit_status(verdict.status)},
          {"command", verdict.command},
          {"profile", profile_json(verdict.profile)},
          {"seed", std::to_string(verdict.seed)},
          {"findings", list(verdict.findings, finding_json)},
          {"flows", list(verdict.flows, flow_json)},
          {"trials", list(verdict.trials, trial_json)},
          {"timeline", timeline_json(verdict)},
          {"client_lag", lag_json(verdict.lag)}};
}

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Indented, but what holds no further object or list stays on its line: a timeline has thousands of numbers.
void print(const Json& json, std::string indent, std::string& out) {
  const auto plain = [](const Json& each) { return each.is_primitive(); };
  if (std::all_of(json.begin(), json.end(), plain)) {
    out += line(json);
    return;
  }
  const bool object = json.is_object();
  out += object ? '{' : '[';
  const std::string inner = indent + "  ";
  const char* separator = "\n";
  for (const auto& item : json.items()) {
    out += separator + inner + (object ? line(item.key()) + ": " : "");
    print(item.value(), inner, out);
    separator = ",\n";
  }
  out += '\n' + indent + (object ? '}' : ']');
}

Json rolling_flow_json(const judge::RollingVerdict::FlowTally& flow) {
  return {{"name", flow.name},
          {"requests", flow.seen.attempts()},
          {"errors", judge::errors(flow.seen)},
          {"outcomes", tally_json(flow.seen)}};
}

Json step_json(const judge::RollingVerdict::Step& step) {
  return {{"replica", step.replica},          {"exit", step.exit},
          {"took_ms", ms(step.took)},         {"back_ms", ms(step.back)},
          {"requests", step.seen.attempts()}, {"errors", judge::errors(step.seen)}};
}

Json rolling_evidence_json(const judge::Evidence& evidence) {
  return {{"restart", evidence.trial}, {"at_ms", ms(evidence.at)}, {"what", evidence.what}};
}

Json rolling_json(const judge::RollingVerdict& verdict) {
  const judge::RollingSetup& setup = verdict.setup;
  return {{"title", setup.title},
          {"status", to_string(verdict.status)},
          {"exit_status", exit_status(verdict.status)},
          {"summary", verdict.summary},
          {"command", setup.command},
          {"balancer", {{"name", setup.balancer}, {"settings", setup.settings}}},
          {"replicas", setup.replicas},
          {"rate", setup.rate},
          {"seed", std::to_string(setup.seed)},
          {"requests", verdict.seen.attempts()},
          {"errors", judge::errors(verdict.seen)},
          {"rate_upper_bound_95", verdict.upper_bound},
          {"outcomes", tally_json(verdict.seen)},
          {"outcomes_before", tally_json(verdict.before)},
          {"flows", list(verdict.flows, rolling_flow_json)},
          {"restarts", list(verdict.steps, step_json)},
          {"worst_restart", verdict.worst ? Json(*verdict.worst + 1) : Json(nullptr)},
          {"evidence", list(verdict.evidence, rolling_evidence_json)},
          {"client_lag", lag_json(verdict.lag)}};
}

std::string document(Status status, const char* name, Json verdicts) {
  Json json = {{"schema", "lastcall.check-report/1"},
               {"lastcall", LASTCALL_VERSION},
               {"status", to_string(status)},
               {"exit_status", exit_status(status)}};
  json[name] = std::move(verdicts);
  std::string out;
  print(json, "", out);
  return out + "\n";
}

}  // namespace

std::string to_json(std::span<const Verdict> verdicts) {
  LASTCALL_ASSERT(!verdicts.empty());
  return document(verdicts.back().status, "verdicts", list(verdicts, verdict_json));
}

std::string to_json(std::span<const judge::RollingVerdict> verdicts) {
  LASTCALL_ASSERT(!verdicts.empty());
  return document(verdicts.back().status, "rolling", list(verdicts, rolling_json));
}

}  // namespace lastcall::report
