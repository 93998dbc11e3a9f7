// A trial of a perfect server under every kind of client, for tests to spoil in one way at a time. The signal
// comes at 0, the listener closes at 5 ms, the last work ends at 800 ms, the last connection at 1 s, and the
// server exits with 0 at 1.2 s.
#pragma once

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "judge/judge.h"

namespace lastcall::judge {

constexpr Time at(Duration since_signal) {
  return Time{} + 1h + since_signal;
}

/// The flows stand in the order of the kinds, so that a kind is its flow's index.
constexpr std::uint32_t flow_of(Kind kind) {
  return static_cast<std::uint32_t>(kind);
}

inline Observation well(Kind kind, Duration started, Duration ended) {
  return {.flow = flow_of(kind),
          .status = 200,
          .intended = at(started),
          .started = at(started),
          .connected = at(started + 100us),
          .answered = at(std::max(started + 200us, ended - 300us)),
          .ended = at(ended),
          .sent = 100,
          .received = 200};
}

/// Ends it badly, with the errno, status and bytes that such an end has.
inline void spoil(Observation& one, Outcome outcome, Duration ended, int error = 0) {
  one.outcome = outcome;
  one.ended = at(ended);
  one.error = error != 0 ? error : outcome == Outcome::reset ? ECONNRESET : 0;
  one.close_code = 0;
  one.status = outcome == Outcome::server_error ? std::int16_t{500} : one.status;
  const bool begun =
      outcome == Outcome::server_error || outcome == Outcome::truncated || outcome == Outcome::wrong;
  if (!begun && !rests(static_cast<Kind>(one.flow))) {
    one.status = 0;
    one.answered = Time::max();
    one.received = 0;
    one.told_to_leave = false;
  }
  one.answered = one.answered == Time::max() ? one.answered : std::min(one.answered, one.ended);
}

inline Observation refused(Kind kind, Duration started) {
  Observation one = well(kind, started, started + 50us);
  spoil(one, Outcome::refused, started + 50us, ECONNREFUSED);
  one.connected = Time::max();
  one.sent = 0;
  return one;
}

/// A new connection every 5 ms.
inline void add_fresh(std::vector<Observation>& all, Duration from, Duration closed, Duration to) {
  for (Duration start = from; start < to; start += 5ms) {
    all.push_back(start < closed ? well(Kind::fresh, start, start + 1ms) : refused(Kind::fresh, start));
  }
}

/// Ten clients that each ask every 40 ms and leave once they are told.
inline void add_keep_alive(std::vector<Observation>& all, Duration from, Duration told) {
  for (Duration offset = 0ms; offset < 40ms; offset += 4ms) {
    bool reused = false;
    for (Duration start = from + offset; start < told + 40ms; start += 40ms) {
      Observation& one = all.emplace_back(well(Kind::keep_alive, start, start + 1ms));
      one.reused = reused;
      one.told_to_leave = start >= told;
      reused = true;
    }
  }
}

inline void add_several(std::vector<Observation>& all, Kind kind, int count, Duration started,
                        Duration ended) {
  for (int i = 0; i < count; ++i) {
    Observation& one = all.emplace_back(well(kind, started + 7ms * i, ended - 6ms * i));
    one.told_to_leave = one.ended > at(0s) && !rests(kind);
  }
}

inline void add_resting(std::vector<Observation>& all) {
  add_several(all, Kind::idle, 10, -990ms, 1000ms);
  const std::size_t silent = all.size();
  add_several(all, Kind::silent, 3, -980ms, 1000ms);
  for (std::size_t i = silent; i < all.size(); ++i) {
    all[i].answered = Time::max();
    all[i].status = 0;
    all[i].sent = all[i].received = 0;
  }
  for (int i = 0; i < 10; ++i) {
    Observation& one = all.emplace_back(well(Kind::websocket, -950ms + 5ms * i, 10ms + 30ms * i));
    one.status = 101;
    one.close_code = 1001;
    one.answered = one.connected + 1ms;
  }
  for (int i = 0; i < 4; ++i) {
    Observation& one = all.emplace_back(well(Kind::event_stream, -940ms + 5ms * i, 30ms + 30ms * i));
    one.retry_after = true;
    one.answered = one.connected + 1ms;
  }
}

inline std::vector<Probe> probes(Duration red, int red_status, Duration exit) {
  std::vector<Probe> all;
  for (Duration asked = -990ms; asked < exit + 300ms; asked += 10ms) {
    const bool gone = asked >= exit;
    all.push_back({.asked = at(asked),
                   .answered = at(asked + 500us),
                   .status = gone           ? 0
                             : asked >= red ? red_status
                                            : 200,
                   .error = gone ? ECONNREFUSED : 0});
  }
  return all;
}

inline Trial perfect_trial(std::uint32_t number = 1) {
  static constexpr std::string_view kPaths[] = {
      "/", "/", "/", "", "/slow", "/upload", "/upload", "/download", "/", "/upload", "/", "/ws", "/events"};
  Trial trial{.number = number, .seed = 1, .began = at(-1s), .load_ended = at(1500ms)};
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    trial.flows.push_back({.name = std::string(to_string(static_cast<Kind>(kind))),
                           .kind = static_cast<Kind>(kind),
                           .path = std::string(kPaths[kind])});
  }
  trial.signals = {{.at = at(0s), .number = SIGTERM}};
  trial.grace = 30s;
  auto& all = trial.observations;
  add_fresh(all, -1s, 5ms, 1500ms);
  add_keep_alive(all, -990ms, 0ms);
  add_several(all, Kind::slow, 8, -700ms, 800ms);
  add_several(all, Kind::upload, 4, -100ms, 300ms);
  add_several(all, Kind::held_upload, 2, -200ms, 400ms);
  add_several(all, Kind::download, 4, -300ms, 600ms);
  add_several(all, Kind::pipelined, 2, -8ms, 12ms);
  add_several(all, Kind::expect_continue, 4, -100ms, 200ms);
  add_several(all, Kind::half_head, 4, -300ms, 400ms);
  add_resting(all);
  trial.readiness = probes(1ms, 503, 1200ms);
  trial.liveness = probes(1h, 0, 1200ms);
  trial.process = {.exited = at(1200ms), .exit_status = 0};
  return trial;
}

/// The first of this kind in flight at the instant.
inline Observation& one_in_flight(Trial& trial, Kind kind, Duration instant = 0s) {
  const auto found = std::ranges::find_if(trial.observations, [&](const Observation& one) {
    return one.flow == flow_of(kind) && one.started <= at(instant) && one.ended > at(instant);
  });
  LASTCALL_ASSERT(found != trial.observations.end());
  return *found;
}

/// Everything that was still under way comes to the same end at one instant.
inline void cut_all(Trial& trial, Duration instant, Outcome outcome) {
  for (Observation& one : trial.observations) {
    if (one.started <= at(instant) && one.ended > at(instant) && one.outcome != Outcome::refused) {
      spoil(one, outcome, instant);
    }
  }
}

/// No server changes what it does when it is signalled; it is killed after 2 s.
inline Trial deaf_trial(Duration grace = 2s) {
  Trial trial = perfect_trial();
  trial.observations.clear();
  add_fresh(trial.observations, -1s, grace, grace + 300ms);
  add_keep_alive(trial.observations, -990ms, grace);
  std::erase_if(trial.observations, [&](const Observation& one) { return one.told_to_leave; });
  add_resting(trial.observations);
  for (Observation& one : trial.observations) {
    if (rests(static_cast<Kind>(one.flow))) {
      spoil(one, Outcome::eof, grace + 1ms);
    }
  }
  trial.grace = grace;
  trial.readiness = trial.liveness = probes(1h, 0, grace);
  trial.process = {.killed = true};
  return trial;
}

/// As if nobody had asked for it.
inline void leave_out(Trial& trial, Kind kind) {
  std::erase_if(trial.observations, [&](const Observation& one) { return one.flow == flow_of(kind); });
}

inline const Finding& finding(const Verdict& verdict, std::string_view clause) {
  return *std::ranges::find(verdict.findings, clause, &Finding::clause);
}

/// "LC101 LC202".
inline std::string clauses_that(const Verdict& verdict, Status status) {
  std::string text;
  for (const Finding& one : verdict.findings) {
    if (one.status == status) {
      text += (text.empty() ? "" : " ") + std::string(one.clause);
    }
  }
  return text;
}

inline Verdict judge_one(const Trial& trial, const Profile& profile = profiles().front()) {
  return judge({&trial, 1}, profile);
}

inline std::string failed(const Trial& trial, const Profile& profile = profiles().front()) {
  return clauses_that(judge_one(trial, profile), Status::failed);
}

inline std::string undecided(const Trial& trial, const Profile& profile = profiles().front()) {
  return clauses_that(judge_one(trial, profile), Status::inconclusive);
}

}  // namespace lastcall::judge
