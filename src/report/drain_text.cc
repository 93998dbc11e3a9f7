#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/signal_name.h"
#include "report/drain_report.h"
#include "report/figures.h"

namespace lastcall::report {

namespace {

constexpr std::size_t kMaxCutsShown = 5;
constexpr std::size_t kMaxShownText = 80;
constexpr std::size_t kMaxFixText = 400;

/// Text from outside must not steer the terminal that shows it.
std::string printable(std::string_view text, std::size_t most = kMaxShownText) {
  std::string shown;
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return text.size() > most ? shown + "..." : shown;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// "a, b and c"; empties are left out.
std::string enumerate(std::vector<std::string> parts) {
  std::erase(parts, "");
  std::string all;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view joint = i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ";
    all += fmt::format("{}{}", joint, parts[i]);
  }
  return all;
}

std::string some(std::uint64_t count, std::string_view one, std::string_view many) {
  return count == 0 ? "" : counted(count, one, many);
}

void add(std::string& out, std::string_view label, std::string_view text) {
  out += fmt::format("  {:<10} {}\n", label, text);
}

std::string headline(const drain::DrainReport& report) {
  const std::string forced =
      report.forced ? fmt::format(", forced by {}", printable(report.force_cause)) : "";
  return fmt::format("{} shutdown in {} after {}{}: exit status {}\n", report.clean() ? "clean" : "unclean",
                     span_text(report.took), printable(report.cause), forced, report.exit_status);
}

void add_lame_duck(std::string& out, const drain::DrainReport& report) {
  if (!report.lame_duck.entered || !report.lame_duck.ended) {
    return;
  }
  std::string text = fmt::format("{}, ended by {}", span_text(*report.lame_duck.ended),
                                 printable(report.lame_duck.ended_by));
  if (report.traffic.last_connection) {
    text += fmt::format("; last new connection at {}", span_text(*report.traffic.last_connection));
  }
  if (report.traffic.last_probe) {
    text += fmt::format("; last probe at {}", span_text(*report.traffic.last_probe));
  }
  add(out, "lame duck", text);
}

void add_traffic(std::string& out, const drain::TrafficReport& traffic) {
  const drain::InFlight& at = traffic.at_signal;
  const std::string before =
      enumerate({counted(at.requests, "request", "requests"), some(at.tunnels, "tunnel", "tunnels"),
                 some(at.heads, "half-sent head", "half-sent heads"),
                 some(at.idle, "idle connection", "idle connections"),
                 some(at.silent, "silent connection", "silent connections")});
  add(out, "in flight", before + " when it began");
  add(out, "requests",
      enumerate({fmt::format("{} finished", traffic.finished), fmt::format("{} cut", traffic.cut),
                 some(traffic.refused, "refused", "refused"), some(traffic.failed, "failed", "failed"),
                 some(traffic.client_gone, "left by the client", "left by their clients"),
                 some(traffic.lost_race, "lost to the idle close", "lost to the idle close")}));
}

void add_streams(std::string& out, const drain::TrafficReport& traffic) {
  const drain::WebSocketsClosed& sockets = traffic.websockets;
  if (sockets.closed + sockets.client_silent + sockets.app_silent > 0) {
    add(out, "websockets",
        enumerate(
            {fmt::format("{} closed", sockets.closed),
             some(sockets.client_silent, "without an answer of its client",
                  "without an answer of their clients"),
             some(sockets.app_silent, "without an answer of the app", "without an answer of the app")}));
  }
  if (traffic.event_streams_ended > 0) {
    add(out, "streams", fmt::format("{} ended between two events", traffic.event_streams_ended));
  }
}

void add_cuts(std::string& out, const drain::TrafficReport& traffic) {
  const std::size_t shown = std::min(traffic.cuts.size(), kMaxCutsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const drain::CutExchange& cut = traffic.cuts[i];
    add(out, "cut",
        fmt::format("{} {} from {}: {} old, {} bytes in, {} bytes out ({})", printable(cut.method),
                    printable(cut.path), printable(cut.client), span_text(cut.age), cut.bytes_in,
                    cut.bytes_out, printable(cut.reason)));
  }
  if (traffic.cut > shown) {
    add(out, "cut", fmt::format("and {} more", traffic.cut - shown));
  }
}

void add_work(std::string& out, const drain::WorkReport& work) {
  for (const drain::ScopeReport& scope : work.scopes) {
    add(out, "work",
        fmt::format("{}: {}", printable(scope.name),
                    enumerate({fmt::format("{} in flight at the signal", scope.at_signal),
                               fmt::format("{} finished", scope.finished), fmt::format("{} cut", scope.cut),
                               some(scope.refused, "refused", "refused")})));
  }
  const std::size_t shown = std::min(work.cuts.size(), kMaxCutsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const drain::CutWork& cut = work.cuts[i];
    add(out, "cut",
        fmt::format("{} of {}: {} old", printable(cut.label), printable(cut.scope), span_text(cut.age)));
  }
  if (work.cuts.size() > shown) {
    add(out, "cut", fmt::format("and {} more with a name", work.cuts.size() - shown));
  }
}

void add_listener(std::string& out, const drain::TrafficReport& traffic) {
  if (traffic.listener_close.empty()) {
    return;
  }
  const std::string left =
      traffic.listener_left == 0
          ? ""
          : fmt::format("; {} left", counted(traffic.listener_left, "handshake", "handshakes"));
  add(out, "listener", fmt::format("closed by {}{}", printable(traffic.listener_close), left));
}

void add_steps(std::string& out, const std::vector<drain::StepReport>& steps) {
  for (const drain::StepReport& step : steps) {
    if (step.outcome == "skipped" && !step.detail.empty()) {
      add(out, "step", fmt::format("{} skipped: {}", printable(step.name), printable(step.detail)));
    } else if (step.outcome != "done" && step.outcome != "skipped") {
      add(out, "step",
          fmt::format("{} {} after {}: {}", printable(step.name), step.outcome, span_text(step.lasted),
                      printable(step.detail)));
    }
    if (!step.lost.empty()) {
      add(out, "step", fmt::format("{} lost {}", printable(step.name), printable(step.lost)));
    }
  }
}

std::string how_it_ended(const drain::AppReport& app) {
  if (app.signal) {
    return app.killed ? "killed with SIGKILL" : "ended by " + signal_name(*app.signal);
  }
  return app.exit_status ? fmt::format("exited with status {}", *app.exit_status) : "";
}

void add_app(std::string& out, const drain::AppReport& app) {
  if (!app.started) {
    add(out, "app", "never started");
    return;
  }
  const std::string signalled =
      app.signalled ? fmt::format("signalled at {}", span_text(*app.signalled)) : std::string();
  std::string end = how_it_ended(app);
  if (!end.empty() && app.exited) {
    end += fmt::format(" at {}", span_text(*app.exited));
  }
  add(out, "app",
      enumerate({signalled, end, app.exited_by_itself && !app.signalled_by_others ? "by itself" : "",
                 some(app.descendants_killed, "descendant killed", "descendants killed")}));
  if (app.signalled_by_others) {
    add(out, "",
        "someone else stopped it before us" +
            (app.others_fix ? ": " + printable(*app.others_fix, kMaxFixText) : ""));
  }
}

}  // namespace

std::string to_text(const drain::DrainReport& report) {
  std::string out = headline(report);
  add_lame_duck(out, report);
  if (report.work) {
    add_work(out, *report.work);
    add_steps(out, report.steps);
    return out;
  }
  add_traffic(out, report.traffic);
  add_streams(out, report.traffic);
  add_cuts(out, report.traffic);
  add_listener(out, report.traffic);
  add_steps(out, report.steps);
  add_app(out, report.app);
  return out;
}

}  // namespace lastcall::report
