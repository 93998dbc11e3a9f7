// Whatever a check may have seen, its record is read back without a bit of difference. Each generator names
// every field of what it makes: whoever adds one cannot forget the record.
#include <algorithm>
#include <limits>
#include <optional>
#include <rapidcheck.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "report/recording.h"

namespace lastcall::report {
namespace {

using judge::Trial;

constexpr std::int64_t kFarthest = std::int64_t{1} << 62U;
constexpr std::int64_t kLatest = std::int64_t{1} << 61U;

template <class T>
T any() {
  return *rc::gen::arbitrary<T>();
}

template <class T>
T up_to(T least, T most) {
  return *rc::gen::oneOf(rc::gen::inRange<T>(least, most), rc::gen::element(least, most));
}

/// Of characters with one to four bytes in UTF-8, and of those that JSON escapes.
std::string any_text() {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "a", "\"", "\\", "\n", std::string(1, '\0'), "\x1f", "é", "→", "\U0001f600", "/"));
  std::string text;
  for (const std::string& piece : pieces) {
    text += piece;
  }
  return text;
}

Duration any_span() {
  return Duration(up_to<std::int64_t>(0, (24h * 365) / 1ns));
}

Time any_instant(Time signalled) {
  return signalled + Duration(up_to<std::int64_t>(-kFarthest, kFarthest));
}

Time any_instant_or_never(Time signalled) {
  return up_to(0, 4) == 0 ? Time::max() : any_instant(signalled);
}

template <class Make>
auto maybe(Make make) {
  return any<bool>() ? std::optional(make()) : std::nullopt;
}

template <class Make>
auto some(Make make) {
  std::vector<decltype(make())> all(up_to<std::size_t>(0, 6));
  std::ranges::generate(all, make);
  return all;
}

judge::Flow any_flow() {
  judge::Flow one{};
  auto& [name, kind, path] = one;
  name = any_text();
  kind = static_cast<judge::Kind>(up_to<std::size_t>(0, judge::kKinds - 1));
  path = any_text();
  return one;
}

judge::Observation any_observation(const Trial& trial) {
  judge::Observation observation;
  auto& [flow, outcome, reused, told_to_leave, retry_after, status, close_code, error, intended, started,
         connected, answered, ended, sent, received] = observation;
  flow = up_to(0U, static_cast<std::uint32_t>(trial.flows.size() - 1));
  outcome = static_cast<judge::Outcome>(up_to<std::size_t>(0, judge::kOutcomes - 1));
  reused = any<bool>();
  told_to_leave = any<bool>();
  retry_after = any<bool>();
  status = any<std::int16_t>();
  close_code = any<std::uint16_t>();
  error = any<int>();
  for (Time* const instant : {&intended, &started, &connected, &answered, &ended}) {
    *instant = any_instant_or_never(trial.signalled());
  }
  sent = up_to<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max());
  received = any<std::uint64_t>();
  return observation;
}

judge::Departure any_departure(const Trial& trial) {
  judge::Departure departure;
  auto& [flow, at, last_used, error, answered, told_to_leave] = departure;
  flow = up_to(0U, static_cast<std::uint32_t>(trial.flows.size() - 1));
  at = any_instant(trial.signalled());
  last_used = any_instant_or_never(trial.signalled());
  error = any<int>();
  answered = any<std::uint32_t>();
  told_to_leave = any<bool>();
  return departure;
}

judge::Probe any_probe(Time signalled) {
  judge::Probe probe;
  auto& [asked, answered, status, error] = probe;
  asked = any_instant(signalled);
  answered = any_instant_or_never(signalled);
  status = any<int>();
  error = any<int>();
  return probe;
}

judge::Process any_process(Time signalled) {
  judge::Process process;
  auto& [ours, exited, exit_status, died_of, killed, orphans, zombies, port_held] = process;
  const auto instant = [&] { return any_instant(signalled); };
  ours = any<bool>();
  exited = maybe(instant);
  exit_status = maybe(any<int>);
  died_of = maybe(any<int>);
  killed = any<bool>();
  orphans = some(any_text);
  zombies = any<std::uint32_t>();
  port_held = maybe(instant);
  return process;
}

Trial any_trial(const std::vector<judge::Flow>& same_flows) {
  Trial trial;
  auto& [number, seed, flows, began, load_ended, signals, grace, observations, departures, readiness,
         liveness, liveness_apart, process, saturated, spoiled] = trial;
  const Time signalled(Duration(up_to<std::int64_t>(0, kLatest)));
  const auto probe = [&] { return any_probe(signalled); };
  number = any<std::uint32_t>();
  seed = any<std::uint64_t>();
  flows = same_flows;
  began = any_instant(signalled);
  load_ended = any_instant(signalled);
  signals = some([&] { return judge::SentSignal{any_instant(signalled), any<int>()}; });
  signals.insert(signals.begin(), {signalled, any<int>()});
  grace = any_span();
  observations = some([&] { return any_observation(trial); });
  departures = some([&] { return any_departure(trial); });
  readiness = some(probe);
  liveness = some(probe);
  liveness_apart = any<bool>();
  process = any_process(signalled);
  saturated = any<bool>();
  spoiled = any<std::uint32_t>();
  return trial;
}

Recording any_recording() {
  Recording recording;
  auto& [command, seed, profile, trials] = recording;
  command = some(any_text);
  seed = any<std::uint64_t>();
  auto& [name, grace, routed, probed] = profile;
  name = any_text();
  grace = any_span();
  routed = any_span();
  probed = any<bool>();
  std::vector<judge::Flow> flows = some(any_flow);
  flows.push_back(any_flow());
  trials = some([&] { return any_trial(flows); });
  trials.push_back(any_trial(flows));
  return recording;
}

TEST(RecordProperty, WhateverWasSeenIsReadBackAsItWas) {
  EXPECT_TRUE(rc::check([] {
    const Recording recording = any_recording();
    const Result<Recording> parsed = parse_record(to_record(recording));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == recording);
  }));
}

}  // namespace
}  // namespace lastcall::report
