#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "report/drain_report.h"

namespace lastcall::report {

namespace {

using Fields = std::vector<log::Field>;

/// Whole microseconds: more digits would only be noise in a log.
double ms(Duration duration) {
  return static_cast<double>(std::chrono::round<std::chrono::microseconds>(duration).count()) / 1000.0;
}

void add_instant(Fields& fields, std::string_view key, const std::optional<Duration>& instant) {
  if (instant) {
    fields.push_back({key, ms(*instant)});
  }
}

void add_phases(Fields& fields, const std::vector<drain::PhaseSpan>& phases) {
  for (const drain::PhaseSpan& span : phases) {
    switch (span.phase) {
      case drain::Phase::lame_duck:
        fields.push_back({"lame_duck_ms", ms(span.lasted)});
        break;
      case drain::Phase::draining:
        fields.push_back({"draining_ms", ms(span.lasted)});
        break;
      case drain::Phase::stopping:
        fields.push_back({"stopping_ms", ms(span.lasted)});
        break;
      default:
        break;
    }
  }
}

void add_lame_duck(Fields& fields, const drain::DrainReport& report) {
  if (report.lame_duck.entered) {
    fields.push_back({"lame_duck_ended_by", report.lame_duck.ended_by});
  }
  add_instant(fields, "last_connection_ms", report.traffic.last_connection);
  add_instant(fields, "last_probe_ms", report.traffic.last_probe);
}

void add_traffic(Fields& fields, const drain::TrafficReport& traffic) {
  fields.insert(fields.end(), {{"in_flight_at_signal", traffic.at_signal.requests},
                               {"tunnels_at_signal", traffic.at_signal.tunnels},
                               {"finished", traffic.finished},
                               {"refused", traffic.refused},
                               {"failed", traffic.failed},
                               {"client_gone", traffic.client_gone},
                               {"cut", traffic.cut},
                               {"accepted", traffic.accepted},
                               {"idle_closed", traffic.idle_closed},
                               {"lost_race", traffic.lost_race}});
  const drain::WebSocketsClosed& websockets = traffic.websockets;
  if (traffic.at_signal.tunnels > 0) {
    fields.insert(fields.end(), {{"websockets_closed", websockets.closed},
                                 {"websockets_client_silent", websockets.client_silent},
                                 {"websockets_app_silent", websockets.app_silent}});
  }
  if (traffic.event_streams_ended > 0) {
    fields.push_back({"event_streams_ended", traffic.event_streams_ended});
  }
  if (!traffic.listener_close.empty()) {
    fields.push_back({"listener_close", traffic.listener_close});
    fields.push_back({"listener_left", traffic.listener_left});
  }
}

/// Which scope it was says the report.
void add_work(Fields& fields, const drain::WorkReport& work) {
  const drain::ScopeReport total = work.total();
  fields.insert(fields.end(), {{"in_flight_at_signal", total.at_signal},
                               {"finished", total.finished},
                               {"refused", total.refused},
                               {"cut", total.cut}});
}

void add_steps(Fields& fields, const std::vector<drain::StepReport>& steps) {
  const auto count = [&](std::string_view outcome) {
    return std::ranges::count_if(steps,
                                 [&](const auto& step) { return step.outcome == outcome && !step.is_scope; });
  };
  fields.push_back({"steps_failed", count("failed")});
  fields.push_back({"steps_abandoned", count("abandoned")});
  const auto lossy = std::ranges::count_if(steps, [](const auto& step) { return !step.lost.empty(); });
  if (lossy > 0) {
    fields.push_back({"steps_with_losses", lossy});
  }
}

void add_app(Fields& fields, const drain::AppReport& app) {
  if (app.exit_status) {
    fields.push_back({"app_exit_status", *app.exit_status});
  }
  if (app.signal) {
    fields.push_back({"app_signal", *app.signal});
  }
  add_instant(fields, "app_signalled_ms", app.signalled);
  add_instant(fields, "app_exited_ms", app.exited);
  fields.insert(fields.end(), {{"app_exited_by_itself", app.exited_by_itself},
                               {"app_signalled_by_others", app.signalled_by_others},
                               {"app_killed", app.killed},
                               {"descendants_killed", app.descendants_killed}});
}

}  // namespace

std::vector<log::Field> to_log_fields(const drain::DrainReport& report) {
  Fields fields = {{"clean", report.clean()},
                   {"exit_status", report.exit_status},
                   {"took_ms", ms(report.took)},
                   {"cause", report.cause}};
  if (report.forced) {
    fields.push_back({"force_cause", report.force_cause});
  }
  add_phases(fields, report.phases);
  add_lame_duck(fields, report);
  if (report.work) {
    add_work(fields, *report.work);
    add_steps(fields, report.steps);
    return fields;
  }
  add_traffic(fields, report.traffic);
  add_steps(fields, report.steps);
  add_app(fields, report.app);
  return fields;
}

}  // namespace lastcall::report
