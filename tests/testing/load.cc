// load: the load client as a tool for the end-to-end tests: reads a scenario as JSON from the file named by
// its only argument, loads the target, sends the signal if one is asked for, and prints what the clients saw
// as JSON.
#include "check/load.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "check/probe.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::check {
namespace {

using judge::in_flight;
using judge::kOutcomes;
using judge::Lag;
using judge::Observation;
using judge::Outcome;
using judge::Tally;

using nlohmann::json;

Duration seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

Pace pace_from(const json& from) {
  return {.bytes = from.at("bytes"), .every = seconds(from.at("every_s"))};
}

Range range_from(const json& from, const char* name, Range otherwise) {
  const auto given = from.find(name);
  return given == from.end() ? otherwise
                             : Range{.least = seconds(given->at(0)), .most = seconds(given->at(1))};
}

judge::Kind kind_from(const std::string& name) {
  for (std::size_t i = 0; i < judge::kKinds; ++i) {
    if (to_string(static_cast<judge::Kind>(i)) == name) {
      return static_cast<judge::Kind>(i);
    }
  }
  throw json::other_error::create(501, "no such kind: " + name, nullptr);
}

Flow flow_from(const json& from) {
  Flow flow;
  flow.name = from.at("name");
  flow.kind = kind_from(from.value("kind", "fresh"));
  flow.path = from.value("path", "/");
  flow.clients = from.value("clients", 1U);
  flow.rate = from.value("rate", 0.0);
  flow.burst = from.value("burst", 1U);
  flow.think = range_from(from, "think_s", flow.think);
  flow.hold = range_from(from, "hold_s", flow.hold);
  flow.chatter = range_from(from, "chatter_s", flow.chatter);
  flow.pipeline = from.value("pipeline", flow.pipeline);
  flow.upload_bytes = from.value("upload_bytes", std::uint64_t{0});
  flow.upload = from.contains("upload") ? pace_from(from["upload"]) : Pace{};
  flow.download = from.contains("download") ? pace_from(from["download"]) : Pace{};
  flow.expected_bytes = from.value("expected_bytes", std::uint64_t{0});
  flow.timeout = seconds(from.value("timeout_s", 10.0));
  return flow;
}

/// When what happens, and the signal.
struct Run {
  Duration before;    ///< of load before the signal
  Duration patience;  ///< after that, at most so long until an attempt of each flow is in flight
  Duration after;     ///< of load after it
  Duration settle;    ///< at most so long for what is then still under way
  pid_t pid = 0;      ///< 0: no signal
  int signal = 0;
};

using Probers = std::vector<std::unique_ptr<Prober>>;

bool all_in_flight(const Load& load) {
  for (std::uint32_t flow = 0; flow < load.scenario().flows.size(); ++flow) {
    if (load.state(flow).in_flight == 0) {
      return false;
    }
  }
  return true;
}

/// Returns when the signal was sent.
Time run(Load& load, const Probers& probers, net::Loop& loop, const Run& plan) {
  const Time start = sys::now();
  const Time due = start + plan.before;
  std::optional<Time> signalled;
  load.start(start);
  for (const auto& prober : probers) {
    prober->start(start);
  }
  loop.on_batch([&](Time) {
    const Time now = sys::now();
    Time next = load.tick(now);
    for (const auto& prober : probers) {
      next = std::min(next, prober->tick(now));
    }
    if (!signalled && now >= due && (all_in_flight(load) || now >= due + plan.patience)) {
      signalled = sys::now();
      load.note_signal();
      if (plan.pid > 0) {
        sys::signal_process(plan.pid, plan.signal);
      }
    }
    if (!signalled) {
      return std::min(next, now < due ? due : due + plan.patience);
    }
    const Time stop = *signalled + plan.after;
    if (now < stop) {
      return std::min(next, stop);
    }
    load.stop();
    if (load.under_way() == 0 || now >= stop + plan.settle) {
      loop.stop();
    }
    return std::min(next, stop + plan.settle);
  });
  loop.run();
  return *signalled;
}

json tally_to_json(const Tally& tally) {
  json result = json::object();
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    result[std::string(to_string(outcome))] = tally[outcome];
  }
  return result;
}

json since(Time signalled, Time at) {
  return at == Time::max() ? json() : json(to_milliseconds(at - signalled));
}

json observation_to_json(const Observation& one, const Scenario& scenario, Time signalled) {
  return {{"flow", scenario.flows[one.flow].name},
          {"outcome", to_string(one.outcome)},
          {"reused", one.reused},
          {"told_to_leave", one.told_to_leave},
          {"retry_after", one.retry_after},
          {"status", one.status},
          {"close_code", one.close_code},
          {"errno", one.error},
          {"sent", one.sent},
          {"received", one.received},
          {"intended_ms", since(signalled, one.intended)},
          {"started_ms", since(signalled, one.started)},
          {"connected_ms", since(signalled, one.connected)},
          {"answered_ms", since(signalled, one.answered)},
          {"ended_ms", since(signalled, one.ended)}};
}

json departure_to_json(const judge::Departure& one, const Scenario& scenario, Time signalled) {
  return {{"flow", scenario.flows[one.flow].name},
          {"at_ms", since(signalled, one.at)},
          {"last_used_ms", since(signalled, one.last_used)},
          {"errno", one.error},
          {"answered", one.answered},
          {"told_to_leave", one.told_to_leave}};
}

json probes_to_json(const Prober& prober, Time signalled) {
  json result = json::array();
  for (const judge::Probe& one : prober.probes()) {
    result.push_back({{"asked_ms", since(signalled, one.asked)},
                      {"answered_ms", since(signalled, one.answered)},
                      {"status", one.status},
                      {"errno", one.error}});
  }
  return result;
}

bool is_lost(const Observation& one) {
  return one.outcome != Outcome::ok && one.outcome != Outcome::refused;
}

json flow_to_json(const Load& load, std::uint32_t index, Time signalled) {
  const auto& seen = load.observations();
  json result = {{"name", load.scenario().flows[index].name},
                 {"all", tally_to_json(tally(seen, Time::min(), index))},
                 {"after", tally_to_json(tally(seen, signalled, index))},
                 {"in_flight", in_flight(seen, index, signalled)}};
  for (const Observation& one : seen) {
    if (one.flow != index || one.ended < signalled) {
      continue;
    }
    const double at = to_milliseconds(one.ended - signalled);
    if (one.outcome == Outcome::refused && !result.contains("first_refused_ms")) {
      result["first_refused_ms"] = at;
    }
    if (one.outcome == Outcome::ok) {
      result["last_ok_ms"] = at;
    }
  }
  return result;
}

json to_json(const Load& load, Time signalled, bool every_observation) {
  const std::size_t max_listed = every_observation ? Load::kMaxObservations : 50;
  const Lag late = lag(load.observations());
  json flows = json::array();
  for (std::uint32_t index = 0; index < load.scenario().flows.size(); ++index) {
    flows.push_back(flow_to_json(load, index, signalled));
  }
  json listed = json::array();
  for (const Observation& one : load.observations()) {
    if ((every_observation || is_lost(one)) && listed.size() < max_listed) {
      listed.push_back(observation_to_json(one, load.scenario(), signalled));
    }
  }
  json departures = json::array();
  for (const judge::Departure& one : load.departures()) {
    departures.push_back(departure_to_json(one, load.scenario(), signalled));
  }
  return {{"signalled_ns", signalled.time_since_epoch().count()},
          {"lag_p99_ms", to_milliseconds(late.p99)},
          {"lag_max_ms", to_milliseconds(late.max)},
          {"unfinished", load.under_way()},
          {"all", tally_to_json(tally(load.observations(), Time::min()))},
          {"after", tally_to_json(tally(load.observations(), signalled))},
          {"saturated", load.saturated()},
          {"flows", flows},
          {every_observation ? "observations" : "lost", listed},
          {"departures", departures}};
}

Result<json> carry_out(const json& given) {
  const auto target = sys::parse_address(given.at("target").get<std::string>());
  if (!target) {
    return Failure(target.error());
  }
  Scenario scenario{.target = *target,
                    .flows = {},
                    .seed = given.value("seed", std::uint64_t{1}),
                    .headers = given.value("headers", std::vector<std::string>{})};
  for (const json& flow : given.at("flows")) {
    scenario.flows.push_back(flow_from(flow));
  }
  const Run plan{.before = seconds(given.value("before_s", 1.0)),
                 .patience = seconds(given.value("patience_s", 0.0)),
                 .after = seconds(given.value("after_s", 0.0)),
                 .settle = seconds(given.value("settle_s", 10.0)),
                 .pid = given.value("pid", 0),
                 .signal = given.value("signal", 15)};
  net::Loop loop;
  Load load(std::move(scenario), loop);
  Probers probers;
  for (const std::string& path : given.value("probes", std::vector<std::string>{})) {
    probers.push_back(std::make_unique<Prober>(
        Prober::Plan{.target = *target, .path = path, .headers = load.scenario().headers}, loop));
  }
  const Time signalled = run(load, probers, loop, plan);
  json result = to_json(load, signalled, given.value("every_observation", false));
  for (const auto& prober : probers) {
    result["probes"].push_back(probes_to_json(*prober, signalled));
  }
  return result;
}

}  // namespace
}  // namespace lastcall::check

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fputs("usage: load SCENARIO.json\n", stderr);
    return 2;
  }
  lastcall::sys::raise_file_limit();
  const auto seen = lastcall::check::carry_out(nlohmann::json::parse(std::ifstream(argv[1])));
  if (!seen) {
    std::fprintf(stderr, "load: %s\n", seen.error().what.c_str());
    return 2;
  }
  std::puts(seen->dump().c_str());
  return 0;
} catch (const nlohmann::json::exception& error) {
  std::fprintf(stderr, "load: %s\n", error.what());
  return 2;
}
