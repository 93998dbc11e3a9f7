#include "report/recording.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "report/record_lines.h"
#include "report/record_row.h"

namespace lastcall::report {

namespace {

using Json = nlohmann::ordered_json;
using judge::Trial;

void add_line(const Json& json, std::string& out) {
  out += json.dump(-1, ' ', false, Json::error_handler_t::replace);
  out += '\n';
}

Json header_of(const Recording& recording) {
  return {{"schema", kRecordSchema},
          {"lastcall", LASTCALL_VERSION},
          {"command", recording.command},
          {"seed", std::to_string(recording.seed)},
          {"profile",
           {{"name", recording.profile.name},
            {"grace_ns", recording.profile.grace.count()},
            {"routed_ns", recording.profile.routed.count()},
            {"probed", recording.profile.probed}}}};
}

/// null for what never came.
Json since(Time signalled, const std::optional<Time>& at) {
  return at ? Json((*at - signalled).count()) : Json(nullptr);
}

Json maybe(const std::optional<int>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json process_of(const Trial& trial) {
  const judge::Process& process = trial.process;
  return {{"ours", process.ours},
          {"exited_ns", since(trial.signalled(), process.exited)},
          {"exit_status", maybe(process.exit_status)},
          {"died_of", maybe(process.died_of)},
          {"killed", process.killed},
          {"orphans", process.orphans},
          {"zombies", process.zombies},
          {"port_held_ns", since(trial.signalled(), process.port_held)}};
}

Json head_of(const Trial& trial) {
  Json flows = Json::array();
  for (const judge::Flow& flow : trial.flows) {
    flows.push_back({{"name", flow.name}, {"kind", to_string(flow.kind)}, {"path", flow.path}});
  }
  const Time signalled = trial.signalled();
  Json signals = Json::array();
  for (const judge::SentSignal& signal : trial.signals) {
    signals.push_back({{"at_ns", (signal.at - signalled).count()}, {"number", signal.number}});
  }
  return {{"trial", trial.number},
          {"seed", std::to_string(trial.seed)},
          {"signalled_ns", signalled.time_since_epoch().count()},
          {"began_ns", (trial.began - signalled).count()},
          {"load_ended_ns", (trial.load_ended - signalled).count()},
          {"grace_ns", trial.grace.count()},
          {"saturated", trial.saturated},
          {"spoiled", trial.spoiled},
          {"liveness_apart", trial.liveness_apart},
          {"signals", std::move(signals)},
          {"flows", std::move(flows)},
          {"process", process_of(trial)}};
}

template <class Evidence>
void add_rows(const std::vector<Evidence>& evidence, std::string_view tag, Time signalled, std::string& out) {
  for (const Evidence& one : evidence) {
    RowWriter row(out, tag, signalled);
    columns(row, one);
  }
}

Json end_of(const std::vector<Trial>& trials) {
  RecordTotals totals{.trials = trials.size()};
  for (const Trial& trial : trials) {
    totals.observations += trial.observations.size();
    totals.departures += trial.departures.size();
    totals.probes += trial.readiness.size() + trial.liveness.size();
  }
  return {{"end",
           {{"trials", totals.trials},
            {"observations", totals.observations},
            {"departures", totals.departures},
            {"probes", totals.probes}}}};
}

}  // namespace

std::string to_record(const Recording& recording) {
  std::string out;
  add_line(header_of(recording), out);
  for (const Trial& trial : recording.trials) {
    LASTCALL_ASSERT(!trial.signals.empty());
    add_line(head_of(trial), out);
    add_rows(trial.observations, kObservationTag, trial.signalled(), out);
    add_rows(trial.departures, kDepartureTag, trial.signalled(), out);
    add_rows(trial.readiness, kReadinessTag, trial.signalled(), out);
    add_rows(trial.liveness, kLivenessTag, trial.signalled(), out);
  }
  add_line(end_of(recording.trials), out);
  return out;
}

}  // namespace lastcall::report
