#include "report/drain_document.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "base/units.h"

namespace lastcall::report {

namespace {

using Json = nlohmann::json;
using drain::Phase;

constexpr std::string_view kSchema = "lastcall.drain-report/1";

/// Stands for what is missing.
const Json& nothing() {
  static const Json kNothing = Json::object();
  return kNothing;
}

/// The fields of one object of the document. The first problem is kept, what follows it reads as nothing.
class Fields {
 public:
  Fields(const Json& object, std::string path, std::string& problem)
      : object_(object), path_(std::move(path)), problem_(problem) {
    if (!object_.is_object()) {
      complain(path_.empty() ? "the document" : path_, "an object");
    }
  }

  void read(const char* name, bool& value) { take(name, "true or false", &Json::is_boolean, value); }

  void read(const char* name, std::string& value) { take(name, "a text", &Json::is_string, value); }

  void read(const char* name, std::uint64_t& value) {
    take(name, "a count", &Json::is_number_unsigned, value);
  }

  void read(const char* name, int& value) {
    std::int64_t wide = value;
    take(name, "a whole number", &Json::is_number_integer, wide);
    if (!std::in_range<int>(wide)) {
      complain(full(name), "a small whole number");
      return;
    }
    value = static_cast<int>(wide);
  }

  void read(const char* name, Duration& value) {
    double ms = 0;
    take(name, "a number of milliseconds", &Json::is_number, ms);
    if (std::abs(ms) > to_milliseconds(kMaxDuration)) {
      complain(full(name), "at most a year");
      return;
    }
    value = std::chrono::round<Duration>(std::chrono::duration<double, std::milli>(ms));
  }

  /// null for what never came.
  template <class T>
  void read(const char* name, std::optional<T>& value) {
    const Json* const field = find(name);
    if (field == nullptr || field->is_null()) {
      return;
    }
    T known{};
    read(name, known);
    value = known;
  }

  void read(const char* name, Phase& phase) {
    std::string text;
    read(name, text);
    for (const Phase known : {Phase::lame_duck, Phase::draining, Phase::stopping, Phase::stopped}) {
      if (text == to_string(known)) {
        phase = known;
        return;
      }
    }
    complain(full(name), "a phase");
  }

  /// A list of texts.
  void read(const char* name, std::vector<std::string>& values) {
    for (const Json& item : items(name)) {
      if (!item.is_string()) {
        complain(full(name), "texts");
        return;
      }
      values.push_back(item.get<std::string>());
    }
  }

  /// A list of objects, each read by `read_one(fields, item)`.
  template <class T, class ReadOne>
  void read(const char* name, std::vector<T>& values, ReadOne read_one) {
    for (const Json& item : items(name)) {
      Fields fields(item, fmt::format("{}[{}]", full(name), values.size()), problem_);
      read_one(fields, values.emplace_back());
    }
  }

  [[nodiscard]] Fields object(const char* name) {
    const Json* const field = find(name);
    return {field == nullptr ? nothing() : *field, full(name), problem_};
  }

  [[nodiscard]] bool has(const char* name) const { return object_.is_object() && object_.contains(name); }

 private:
  [[nodiscard]] std::string full(const char* name) const { return path_.empty() ? name : path_ + "." + name; }

  void complain(const std::string& where, const char* expected) {
    if (problem_.empty()) {
      problem_ = fmt::format("{} is not {}", where, expected);
    }
  }

  const Json* find(const char* name) {
    if (!has(name)) {
      if (problem_.empty()) {
        problem_ = full(name) + " is missing";
      }
      return nullptr;
    }
    return &object_.find(name).value();
  }

  template <class T>
  void take(const char* name, const char* expected, bool (Json::*is)() const noexcept, T& value) {
    const Json* const field = find(name);
    if (field == nullptr) {
      return;
    }
    if (!(field->*is)()) {
      complain(full(name), expected);
      return;
    }
    value = field->template get<T>();
  }

  const Json& items(const char* name) {
    const Json* const field = find(name);
    if (field == nullptr || field->is_array()) {
      return field == nullptr ? nothing() : *field;
    }
    complain(full(name), "a list");
    return nothing();
  }

  const Json& object_;
  const std::string path_;
  std::string& problem_;
};

void read_span(Fields& fields, drain::PhaseSpan& span) {
  fields.read("phase", span.phase);
  fields.read("began_ms", span.began);
  fields.read("lasted_ms", span.lasted);
}

void read_step(Fields& fields, drain::StepReport& step) {
  fields.read("name", step.name);
  fields.read("outcome", step.outcome);
  fields.read("detail", step.detail);
  fields.read("began_ms", step.began);
  fields.read("lasted_ms", step.lasted);
  if (fields.has("lost")) {
    fields.read("lost", step.lost);
  }
}

void read_scope(Fields& fields, drain::ScopeReport& scope) {
  fields.read("name", scope.name);
  fields.read("at_signal", scope.at_signal);
  fields.read("finished", scope.finished);
  fields.read("refused", scope.refused);
  fields.read("cut", scope.cut);
}

void read_cut_work(Fields& fields, drain::CutWork& cut) {
  fields.read("scope", cut.scope);
  fields.read("label", cut.label);
  fields.read("age_ms", cut.age);
}

void read_work(Fields fields, drain::WorkReport& work) {
  fields.read("scopes", work.scopes, read_scope);
  fields.read("cuts", work.cuts, read_cut_work);
  fields.read("left_running", work.left_running);
}

void read_cut(Fields& fields, drain::CutExchange& cut) {
  fields.read("method", cut.method);
  fields.read("path", cut.path);
  fields.read("client", cut.client);
  fields.read("age_ms", cut.age);
  fields.read("bytes_in", cut.bytes_in);
  fields.read("bytes_out", cut.bytes_out);
  fields.read("reason", cut.reason);
}

void read_in_flight(Fields fields, drain::InFlight& in_flight) {
  fields.read("requests", in_flight.requests);
  fields.read("uploads", in_flight.uploads);
  fields.read("downloads", in_flight.downloads);
  fields.read("tunnels", in_flight.tunnels);
  fields.read("idle", in_flight.idle);
  fields.read("silent", in_flight.silent);
  fields.read("heads", in_flight.heads);
  if (fields.has("websockets")) {
    fields.read("websockets", in_flight.websockets);
    fields.read("event_streams", in_flight.event_streams);
  }
}

void read_websockets(Fields fields, drain::WebSocketsClosed& websockets) {
  fields.read("closed", websockets.closed);
  fields.read("client_silent", websockets.client_silent);
  fields.read("app_silent", websockets.app_silent);
}

void read_traffic(Fields fields, drain::TrafficReport& traffic) {
  read_in_flight(fields.object("at_signal"), traffic.at_signal);
  fields.read("finished", traffic.finished);
  fields.read("refused", traffic.refused);
  fields.read("failed", traffic.failed);
  fields.read("client_gone", traffic.client_gone);
  fields.read("cut", traffic.cut);
  fields.read("cuts", traffic.cuts, read_cut);
  if (fields.has("websockets")) {
    read_websockets(fields.object("websockets"), traffic.websockets);
    fields.read("event_streams_ended", traffic.event_streams_ended);
  }
  fields.read("accepted", traffic.accepted);
  fields.read("idle_closed", traffic.idle_closed);
  fields.read("lost_race", traffic.lost_race);
  fields.read("last_connection_ms", traffic.last_connection);
  fields.read("last_probe_ms", traffic.last_probe);
  fields.read("listener_close", traffic.listener_close);
  fields.read("handshakes_at_close", traffic.handshakes_at_close);
  fields.read("listener_left", traffic.listener_left);
}

void read_app(Fields fields, drain::AppReport& app) {
  fields.read("started", app.started);
  fields.read("exited_by_itself", app.exited_by_itself);
  fields.read("signalled_by_others", app.signalled_by_others);
  fields.read("signalled_by_others_fix", app.others_fix);
  fields.read("killed", app.killed);
  fields.read("exit_status", app.exit_status);
  fields.read("signal", app.signal);
  fields.read("signalled_ms", app.signalled);
  fields.read("exited_ms", app.exited);
  fields.read("descendants_killed", app.descendants_killed);
}

void read_lame_duck(Fields fields, drain::LameDuckReport& lame_duck) {
  fields.read("entered", lame_duck.entered);
  fields.read("ended_by", lame_duck.ended_by);
  fields.read("announced_ms", lame_duck.announced);
  fields.read("ended_ms", lame_duck.ended);
}

void read_report(Fields& fields, drain::DrainReport& report) {
  fields.read("exit_status", report.exit_status);
  fields.read("cause", report.cause);
  fields.read("further_causes", report.further_causes);
  fields.read("forced", report.forced);
  fields.read("force_cause", report.force_cause);
  fields.read("grace_ms", report.grace);
  fields.read("drain_deadline_ms", report.drain_deadline);
  fields.read("deadline_ms", report.deadline);
  fields.read("took_ms", report.took);
  fields.read("phases", report.phases, read_span);
  fields.read("steps", report.steps, read_step);
  read_lame_duck(fields.object("lame_duck"), report.lame_duck);
  read_traffic(fields.object("traffic"), report.traffic);
  read_app(fields.object("app"), report.app);
  if (fields.has("work")) {
    read_work(fields.object("work"), report.work.emplace());
  }
}

/// The document does not say which steps were a courtesy, nor, without its steps, which one was abandoned;
/// but it says whether the shutdown was clean.
bool reconcile(drain::DrainReport& report, bool clean, const std::vector<std::string>& omitted) {
  for (drain::StepReport& step : report.steps) {
    step.courtesy = clean && (step.outcome == "abandoned" || step.outcome == "failed");
  }
  const bool steps_left_out = std::ranges::find(omitted, "steps") != omitted.end();
  if (!clean && report.clean() && steps_left_out) {
    report.steps.push_back({.name = "a step", .outcome = "abandoned", .detail = "left out of the document"});
  }
  return report.clean() == clean;
}

Failure no_drain_report(const std::string& why) {
  return failure("this is no drain report: " + why, "`lastcall run --report FILE -- COMMAND…` writes one", 2);
}

Failure another_schema(const std::string& schema) {
  Failure error = no_drain_report(fmt::format("its schema is '{}', not '{}'", schema, kSchema));
  if (schema.starts_with("lastcall.check-report/")) {
    error.value().fix =
        "`lastcall check --html PAGE -- COMMAND…` draws what it finds, with --replay FILE also from a record";
  }
  return error;
}

}  // namespace

Result<DrainDocument> parse_drain_document(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) {
    return no_drain_report("it is not JSON");
  }
  std::string problem;
  Fields fields(parsed, "", problem);
  std::string schema;
  fields.read("schema", schema);
  if (problem.empty() && schema != kSchema) {
    return another_schema(schema);
  }

  DrainDocument document;
  bool clean = false;
  fields.read("lastcall", document.version);
  fields.read("clean", clean);
  read_report(fields, document.report);
  if (fields.has("omitted")) {
    fields.read("omitted", document.omitted);
  }
  if (!problem.empty()) {
    return no_drain_report(problem);
  }
  if (!reconcile(document.report, clean, document.omitted)) {
    return no_drain_report(fmt::format("it says clean: {}, and tells otherwise", clean));
  }
  return document;
}

}  // namespace lastcall::report
