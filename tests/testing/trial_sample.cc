#include <cerrno>
#include <csignal>

#include "testing/verdict_sample.h"

namespace lastcall::sample {

namespace {

using judge::Departure;
using judge::Kind;
using judge::Observation;
using judge::Outcome;
using judge::Trial;

constexpr Time kSignalled = Time{} + 1h;

constexpr Time at(Duration since_signal) {
  return kSignalled + since_signal;
}

constexpr std::uint32_t flow_of(Kind kind) {
  return static_cast<std::uint32_t>(kind);
}

/// The flows stand in the order of the kinds, so that a kind is its flow's index.
std::vector<judge::Flow> flows() {
  return {{"new connections", Kind::fresh, "/"},           {"keep-alive", Kind::keep_alive, "/"},
          {"idle connections", Kind::idle, "/"},           {"silent connections", Kind::silent, ""},
          {"slow requests", Kind::slow, "/slow"},          {"uploads", Kind::upload, "/upload"},
          {"held uploads", Kind::held_upload, "/upload"},  {"downloads", Kind::download, "/download"},
          {"pipelined requests", Kind::pipelined, "/"},    {"100-continue", Kind::expect_continue, "/upload"},
          {"half-sent heads", Kind::half_head, "/"},       {"WebSockets", Kind::websocket, "/ws"},
          {"event streams", Kind::event_stream, "/events"}};
}

Observation answered(Kind kind, Duration started, Duration took) {
  return {.flow = flow_of(kind),
          .status = 200,
          .intended = at(started - 40us),
          .started = at(started),
          .connected = at(started + 60us),
          .answered = at(started + took - 20us),
          .ended = at(started + took),
          .sent = 118,
          .received = 231};
}

/// Nothing of a response ever came.
Observation unanswered(Kind kind, Outcome outcome, int error, Duration started, Duration took) {
  Observation one = answered(kind, started, took);
  one.outcome = outcome;
  one.error = error;
  one.status = 0;
  one.answered = Time::max();
  one.received = 0;
  return one;
}

Observation refused(Duration started) {
  Observation one = unanswered(Kind::fresh, Outcome::refused, ECONNREFUSED, started, 50us);
  one.connected = Time::max();
  one.sent = 0;
  return one;
}

/// New connections, one each 5 ms from a second before the signal on: refused from +12 ms.
void add_fresh(std::vector<Observation>& all) {
  for (Duration start = -1s; start < 12ms; start += 5ms) {
    all.push_back(answered(Kind::fresh, start, 900us));
  }
  for (Duration start = 15ms; start < 1700ms; start += 5ms) {
    all.push_back(refused(start));
  }
  all.push_back(unanswered(Kind::fresh, Outcome::reset, ECONNRESET, 11ms, 700us));
}

void add_keep_alive(std::vector<Observation>& all) {
  for (Duration start = -1s; start < 12ms; start += 11ms) {
    all.push_back(answered(Kind::keep_alive, start, 800us));
    all.back().reused = start > -1s;
  }
  all.push_back(unanswered(Kind::keep_alive, Outcome::eof, 0, 12ms, 400us));
  all.back().reused = true;
}

void add_requests(std::vector<Observation>& all) {
  all.push_back(answered(Kind::slow, -400ms, 1s));
  all.push_back(unanswered(Kind::slow, Outcome::reset, ECONNRESET, -100ms, 1508ms));
  all.push_back(answered(Kind::upload, -300ms, 900ms));
  all.back().sent = 262'144;
  all.push_back(unanswered(Kind::upload, Outcome::reset, EPIPE, -20ms, 1411ms));
  all.push_back(unanswered(Kind::held_upload, Outcome::timeout, ETIMEDOUT, -500ms, 30s));
  all.push_back(answered(Kind::download, -200ms, 1609ms));
  all.back().outcome = Outcome::truncated;
  all.back().received = 5'242'880;
  all.push_back(answered(Kind::pipelined, -3ms, 2ms));
  all.back().told_to_leave = true;
  all.push_back(answered(Kind::expect_continue, -1ms, 4ms));
  all.back().outcome = Outcome::server_error;
  all.back().status = 503;
  all.back().retry_after = true;
  all.push_back(answered(Kind::half_head, -800ms, 820ms));
  all.back().outcome = Outcome::wrong;
  all.back().status = 400;
}

void add_resting(std::vector<Observation>& all) {
  all.push_back(answered(Kind::idle, -891ms, 2301ms));
  all.back().outcome = Outcome::reset;
  all.back().error = ECONNRESET;
  all.push_back(unanswered(Kind::silent, Outcome::ok, 0, -905ms, 2316ms));
  all.back().sent = 0;
  all.push_back(answered(Kind::websocket, -900ms, 2309ms));
  all.back().status = 101;
  all.back().close_code = 1001;
  all.push_back(answered(Kind::websocket, -890ms, 2299ms));
  all.back().outcome = Outcome::eof;
  all.back().status = 101;
  all.push_back(answered(Kind::event_stream, -900ms, 2309ms));
  all.back().retry_after = true;
  all.push_back({.flow = flow_of(Kind::silent),
                 .outcome = Outcome::unsent,
                 .error = EMFILE,
                 .intended = at(-910ms),
                 .started = at(-910ms),
                 .ended = at(-910ms)});
}

std::vector<Departure> departures() {
  return {{.flow = flow_of(Kind::keep_alive), .at = at(13ms), .last_used = at(5ms), .answered = 92},
          {.flow = flow_of(Kind::keep_alive),
           .at = at(14ms),
           .last_used = at(12ms),
           .answered = 88,
           .told_to_leave = true},
          {.flow = flow_of(Kind::idle),
           .at = at(1410ms),
           .last_used = at(-890ms),
           .error = ECONNRESET,
           .answered = 1},
          {.flow = flow_of(Kind::silent), .at = at(1411ms), .last_used = at(-905ms)}};
}

/// One each 10 ms: green, then red or unreachable.
std::vector<judge::Probe> probes(Duration red_from, int red, Duration dead_from) {
  std::vector<judge::Probe> all;
  for (Duration asked = -1s; asked < 1700ms; asked += 10ms) {
    const bool dead = asked >= dead_from;
    all.push_back({.asked = at(asked),
                   .answered = at(asked + 300us),
                   .status = dead                ? 0
                             : asked >= red_from ? red
                                                 : 200,
                   .error = dead ? ECONNREFUSED : 0});
  }
  return all;
}

}  // namespace

Trial trial() {
  Trial trial{.number = 3,
              .seed = 0x7f3a,
              .flows = flows(),
              .began = at(-1s),
              .load_ended = at(1712ms),
              .signals = {{at(0s), SIGTERM}, {at(300ms), SIGTERM}},
              .grace = 30s,
              .departures = departures(),
              .readiness = probes(1s, 503, 1412ms),
              .liveness = probes(1412ms, 200, 1412ms)};
  add_fresh(trial.observations);
  add_keep_alive(trial.observations);
  add_requests(trial.observations);
  add_resting(trial.observations);
  trial.process.exited = at(1412ms);
  trial.process.exit_status = 0;
  trial.process.orphans = {"node"};
  trial.process.zombies = 1;
  trial.process.port_held = at(1530ms);
  return trial;
}

}  // namespace lastcall::sample
