#include <chrono>
#include <optional>

#include <nlohmann/json.hpp>

#include "report/drain_report.h"
#include "report/in_flight_json.h"

namespace lastcall::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShortText = 64;

/// Milliseconds, to the microsecond.
Json ms(Duration duration) {
  const auto us = std::chrono::round<std::chrono::microseconds>(duration).count();
  if (us % 1000 == 0) {
    return us / 1000;
  }
  return static_cast<double>(us) / 1000.0;
}

/// null for what never came.
template <class T>
Json maybe(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json maybe(const std::optional<Duration>& value) {
  return value ? ms(*value) : Json(nullptr);
}

Json document(const drain::PhaseSpan& span) {
  return {{"phase", to_string(span.phase)}, {"began_ms", ms(span.began)}, {"lasted_ms", ms(span.lasted)}};
}

Json document(const drain::StepReport& step) {
  Json json = {{"name", step.name},
               {"outcome", step.outcome},
               {"detail", step.detail},
               {"began_ms", ms(step.began)},
               {"lasted_ms", ms(step.lasted)}};
  if (!step.lost.empty()) {
    json["lost"] = step.lost;
  }
  return json;
}

Json document(const drain::CutExchange& cut) {
  return {{"method", cut.method},  {"path", cut.path},         {"client", cut.client},
          {"age_ms", ms(cut.age)}, {"bytes_in", cut.bytes_in}, {"bytes_out", cut.bytes_out},
          {"reason", cut.reason}};
}

Json document(const drain::ScopeReport& scope) {
  return {{"name", scope.name},
          {"at_signal", scope.at_signal},
          {"finished", scope.finished},
          {"refused", scope.refused},
          {"cut", scope.cut}};
}

Json document(const drain::CutWork& cut) {
  return {{"scope", cut.scope}, {"label", cut.label}, {"age_ms", ms(cut.age)}};
}

template <class T>
Json list(const std::vector<T>& items) {
  Json all = Json::array();
  for (const T& item : items) {
    all.push_back(document(item));
  }
  return all;
}

/// Without the cuts: they are listed as far as there is room.
Json document(const drain::TrafficReport& traffic) {
  return {{"at_signal", in_flight_json(traffic.at_signal)},
          {"finished", traffic.finished},
          {"refused", traffic.refused},
          {"failed", traffic.failed},
          {"client_gone", traffic.client_gone},
          {"cut", traffic.cut},
          {"cuts", Json::array()},
          {"websockets",
           {{"closed", traffic.websockets.closed},
            {"client_silent", traffic.websockets.client_silent},
            {"app_silent", traffic.websockets.app_silent}}},
          {"event_streams_ended", traffic.event_streams_ended},
          {"accepted", traffic.accepted},
          {"idle_closed", traffic.idle_closed},
          {"lost_race", traffic.lost_race},
          {"last_connection_ms", maybe(traffic.last_connection)},
          {"last_probe_ms", maybe(traffic.last_probe)},
          {"listener_close", traffic.listener_close},
          {"handshakes_at_close", traffic.handshakes_at_close},
          {"listener_left", traffic.listener_left}};
}

Json document(const drain::AppReport& app) {
  return {{"started", app.started},
          {"exited_by_itself", app.exited_by_itself},
          {"signalled_by_others", app.signalled_by_others},
          {"signalled_by_others_fix", maybe(app.others_fix)},
          {"killed", app.killed},
          {"exit_status", maybe(app.exit_status)},
          {"signal", maybe(app.signal)},
          {"signalled_ms", maybe(app.signalled)},
          {"exited_ms", maybe(app.exited)},
          {"descendants_killed", app.descendants_killed}};
}

Json document(const drain::LameDuckReport& lame_duck) {
  return {{"entered", lame_duck.entered},
          {"ended_by", lame_duck.ended_by},
          {"announced_ms", maybe(lame_duck.announced)},
          {"ended_ms", maybe(lame_duck.ended)}};
}

/// Without the cuts, too.
Json document(const drain::WorkReport& work) {
  return {{"scopes", list(work.scopes)}, {"cuts", Json::array()}, {"left_running", work.left_running}};
}

/// The lists that may be long stay empty.
Json outline(const drain::DrainReport& report) {
  Json json = {{"schema", "lastcall.drain-report/1"},
               {"lastcall", LASTCALL_VERSION},
               {"clean", report.clean()},
               {"exit_status", report.exit_status},
               {"cause", report.cause},
               {"further_causes", report.further_causes},
               {"forced", report.forced},
               {"force_cause", report.force_cause},
               {"grace_ms", ms(report.grace)},
               {"drain_deadline_ms", ms(report.drain_deadline)},
               {"deadline_ms", ms(report.deadline)},
               {"took_ms", ms(report.took)},
               {"phases", list(report.phases)},
               {"lame_duck", document(report.lame_duck)},
               {"steps", Json::array()},
               {"traffic", document(report.traffic)},
               {"app", document(report.app)}};
  if (report.work) {
    json["work"] = document(*report.work);
  }
  return json;
}

void list_cuts(Json& json, const drain::DrainReport& report) {
  json["traffic"]["cuts"] = list(report.traffic.cuts);
  if (report.work) {
    json["work"]["cuts"] = list(report.work->cuts);
  }
}

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool fits(const Json& json) {
  return line(json).size() <= kMaxTerminationMessage;
}

void shorten(Json& text) {
  std::string whole = text.get<std::string>();
  if (whole.size() <= kShortText) {
    return;
  }
  std::size_t end = kShortText;
  while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  text = whole.substr(0, end) + "…";
}

/// What is left then has a fixed number of fields and short texts: it always fits.
void leave_out_details(Json& json) {
  json["further_causes"] = Json::array();
  json["phases"] = Json::array();
  shorten(json["cause"]);
  shorten(json["force_cause"]);
  shorten(json["lame_duck"]["ended_by"]);
  shorten(json["traffic"]["listener_close"]);
  if (json.contains("work")) {
    json["work"]["scopes"] = Json::array();
  }
}

/// As many of the cuts, in their order, as there is room for.
template <class Cut>
void list_some(const Json& json, Json& listed, const std::vector<Cut>& cuts) {
  std::size_t size = line(json).size();
  for (const Cut& cut : cuts) {
    const Json one = document(cut);
    size += line(one).size() + 1;
    if (size > kMaxTerminationMessage) {
      return;
    }
    listed.push_back(one);
  }
}

}  // namespace

std::string to_json(const drain::DrainReport& report) {
  Json json = outline(report);
  json["steps"] = list(report.steps);
  list_cuts(json, report);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_termination_message(const drain::DrainReport& report) {
  Json json = outline(report);
  json["steps"] = list(report.steps);
  list_cuts(json, report);
  if (fits(json)) {
    return line(json);
  }

  json = outline(report);
  json["steps"] = list(report.steps);
  json["omitted"] = Json::array({"cuts"});
  if (fits(json)) {
    list_some(json, json["traffic"]["cuts"], report.traffic.cuts);
    if (report.work) {
      list_some(json, json["work"]["cuts"], report.work->cuts);
    }
    return line(json);
  }

  json["steps"] = Json::array();
  json["omitted"].push_back("steps");
  if (fits(json)) {
    return line(json);
  }

  json["omitted"].push_back("details");
  leave_out_details(json);
  return line(json);
}

}  // namespace lastcall::report
