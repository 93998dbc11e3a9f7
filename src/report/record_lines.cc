#include "report/record_lines.h"

#include <algorithm>
#include <concepts>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/units.h"
#include "report/record_row.h"

namespace lastcall::report {

namespace {

using Json = nlohmann::json;
using judge::Trial;

template <class Number>
bool is_whole(const Json& json) {
  if (json.is_number_unsigned()) {
    return std::in_range<Number>(json.get<std::uint64_t>());
  }
  return json.is_number_integer() && std::in_range<Number>(json.get<std::int64_t>());
}

/// Reads the members of one JSON object, each asked for once. The first thing that is wrong becomes
/// `problem`.
class Members {
 public:
  Members(const Json& object, std::string& problem) : object_(object), problem_(problem) {}

  /// A member that is an object or a list itself.
  const Json& nested(const char* name, Json::value_t type) {
    static const Json kNone;
    const Json& found = member(name);
    if (found.type() != type) {
      fail(name, type == Json::value_t::object ? "an object" : "a list");
      return kNone;
    }
    return found;
  }

  void text(const char* name, std::string& value) {
    const Json& found = member(name);
    if (!found.is_string()) {
      fail(name, "a text");
      return;
    }
    value = found.get<std::string>();
  }

  void texts(const char* name, std::vector<std::string>& value) {
    for (const Json& each : nested(name, Json::value_t::array)) {
      if (!each.is_string()) {
        fail(name, "a list of texts");
        return;
      }
      value.push_back(each.get<std::string>());
    }
  }

  void flag(const char* name, bool& value) {
    const Json& found = member(name);
    if (!found.is_boolean()) {
      fail(name, "true or false");
      return;
    }
    value = found.get<bool>();
  }

  template <std::integral Number>
  void number(const char* name, Number& value) {
    const Json& found = member(name);
    if (!is_whole<Number>(found)) {
      fail(name, "a whole number that fits");
      return;
    }
    value = found.get<Number>();
  }

  void maybe(const char* name, std::optional<int>& value) {
    const Json& found = member(name);
    if (found.is_null()) {
      return;
    }
    if (!is_whole<int>(found)) {
      fail(name, "a whole number that fits, or null");
      return;
    }
    value = found.get<int>();
  }

  /// 64 bits as a text.
  void seed(const char* name, std::uint64_t& value) {
    std::string digits;
    text(name, digits);
    const auto parsed = parse_count(digits, 0, std::numeric_limits<std::uint64_t>::max());
    if (!parsed) {
      fail(name, "a whole number as a text");
      return;
    }
    value = *parsed;
  }

  void duration(const char* name, Duration least, Duration most, Duration& value) {
    Duration::rep count = 0;
    number(name, count);
    if (count < least.count() || count > most.count()) {
      fail(name, "a number of nanoseconds in range");
      return;
    }
    value = Duration(count);
  }

  void instant(const char* name, Time signalled, Time& value) {
    Duration since{};
    duration(name, -kMaxSinceSignal, kMaxSinceSignal, since);
    value = signalled + since;
  }

  void maybe(const char* name, Time signalled, std::optional<Time>& value) {
    const auto found = object_.find(name);
    if (found != object_.end() && found->is_null()) {
      asked_.emplace_back(name);
      return;
    }
    instant(name, signalled, value.emplace());
  }

  /// Nothing else may be there: a newer record's evidence must not be left out of a judgement in silence.
  void end() {
    for (const auto& item : object_.items()) {
      if (std::ranges::find(asked_, item.key()) == asked_.end()) {
        fail(item.key(), "nothing of this name");
      }
    }
  }

 private:
  const Json& member(const char* name) {
    static const Json kMissing(Json::value_t::discarded);
    asked_.emplace_back(name);
    const auto found = object_.find(name);
    return found == object_.end() ? kMissing : *found;
  }

  void fail(const std::string& name, const std::string& expected) {
    if (problem_.empty()) {
      problem_ = "\"" + name + "\": " + expected + " is expected";
    }
  }

  const Json& object_;
  std::string& problem_;
  std::vector<std::string> asked_;
};

std::optional<judge::Kind> find_kind(std::string_view name) {
  for (std::size_t i = 0; i < judge::kKinds; ++i) {
    const auto kind = static_cast<judge::Kind>(i);
    if (to_string(kind) == name) {
      return kind;
    }
  }
  return std::nullopt;
}

judge::Profile read_profile(const Json& json, std::string& problem) {
  judge::Profile profile{};
  Members members(json, problem);
  members.text("name", profile.name);
  members.duration("grace_ns", 0s, kMaxDuration, profile.grace);
  members.duration("routed_ns", 0s, kMaxDuration, profile.routed);
  members.flag("probed", profile.probed);
  members.end();
  return profile;
}

judge::Flow read_flow(const Json& json, std::string& problem) {
  judge::Flow flow{};
  std::string kind;
  Members members(json, problem);
  members.text("name", flow.name);
  members.text("kind", kind);
  members.text("path", flow.path);
  members.end();
  const std::optional<judge::Kind> found = find_kind(kind);
  if (!found && problem.empty()) {
    problem = "\"kind\": the name of a kind of client is expected";
  }
  flow.kind = found.value_or(judge::Kind::fresh);
  return flow;
}

judge::SentSignal read_signal(const Json& json, Time signalled, std::string& problem) {
  judge::SentSignal signal{};
  Members members(json, problem);
  members.instant("at_ns", signalled, signal.at);
  members.number("number", signal.number);
  members.end();
  return signal;
}

judge::Process read_process(const Json& json, Time signalled, std::string& problem) {
  judge::Process process;
  Members members(json, problem);
  members.flag("ours", process.ours);
  members.maybe("exited_ns", signalled, process.exited);
  members.maybe("exit_status", process.exit_status);
  members.maybe("died_of", process.died_of);
  members.flag("killed", process.killed);
  members.texts("orphans", process.orphans);
  members.number("zombies", process.zombies);
  members.maybe("port_held_ns", signalled, process.port_held);
  members.end();
  return process;
}

Trial read_trial(const Json& json, std::string& problem) {
  Trial trial;
  Members members(json, problem);
  Duration since_boot{};
  members.number("trial", trial.number);
  members.seed("seed", trial.seed);
  members.duration("signalled_ns", 0s, kLatestSignal.time_since_epoch(), since_boot);
  const Time signalled(since_boot);
  members.instant("began_ns", signalled, trial.began);
  members.instant("load_ended_ns", signalled, trial.load_ended);
  members.duration("grace_ns", 0s, kMaxDuration, trial.grace);
  members.flag("saturated", trial.saturated);
  members.number("spoiled", trial.spoiled);
  members.flag("liveness_apart", trial.liveness_apart);
  for (const Json& each : members.nested("signals", Json::value_t::array)) {
    trial.signals.push_back(read_signal(each, signalled, problem));
  }
  for (const Json& each : members.nested("flows", Json::value_t::array)) {
    trial.flows.push_back(read_flow(each, problem));
  }
  trial.process = read_process(members.nested("process", Json::value_t::object), signalled, problem);
  members.end();
  if (problem.empty() && (trial.signals.empty() || trial.signals.front().at != signalled)) {
    problem = "\"signals\": the first one at 0 is expected";
  }
  return trial;
}

RecordTotals read_totals(const Json& json, std::string& problem) {
  RecordTotals totals;
  Members members(json, problem);
  members.number("trials", totals.trials);
  members.number("observations", totals.observations);
  members.number("departures", totals.departures);
  members.number("probes", totals.probes);
  members.end();
  return totals;
}

}  // namespace

void read_header_line(std::string_view line, Recording& into, std::string& problem) {
  const Json json = Json::parse(line, nullptr, false);
  std::string schema;
  std::string version;
  Members members(json, problem);
  members.text("schema", schema);
  if (schema != kRecordSchema) {
    problem = "the schema \"" + std::string(kRecordSchema) + "\" is expected";
    return;
  }
  members.text("lastcall", version);
  members.texts("command", into.command);
  members.seed("seed", into.seed);
  into.profile = read_profile(members.nested("profile", Json::value_t::object), problem);
  members.end();
}

std::variant<Trial, RecordTotals> read_object_line(std::string_view line, std::string& problem) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.contains("trial")) {
    return read_trial(json, problem);
  }
  if (!json.contains("end")) {
    problem = "a trial, a row of evidence or the end is expected";
    return RecordTotals();
  }
  Members members(json, problem);
  const RecordTotals totals = read_totals(members.nested("end", Json::value_t::object), problem);
  members.end();
  return totals;
}

}  // namespace lastcall::report
