// What the two ends of WebSockets heard: LC206.
#include <algorithm>

#include "sim/verdict.h"

namespace lastcall::sim {
namespace {

constexpr int kUpgraded = 101;
constexpr int kBadGateway = 502;
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kNormal = 1000;
constexpr Duration kMostSpread = 3s;
constexpr int kSpreadShare = 3;
constexpr Duration kOnTheWay = 5ms;  // from the app to us, for the rest of a frame
constexpr Duration kWsGrace = 5s;    // the default
constexpr std::size_t kCrowd = 5;    // so many end at instants that are never all the same by chance …
constexpr int kLeastShare = 100;     // … or within this part of the spread

}  // namespace

void Verdict::judge_tunnels() {
  for (std::size_t number = 0; number < evidence_.tunnels.size(); ++number) {
    const TunnelOutcome& tunnel = evidence_.tunnels[number];
    if (tunnel.status == kUpgraded) {
      judge_hearing(number);
      judge_close(number);
    } else if (tunnel.status != 0) {
      judge_refusal(number);
    } else if (tunnel.connected) {
      judge_silence(number);
    }
  }
  judge_spread();
}

void Verdict::judge_refusal(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  if (may_fail(tunnel.answer_sent)) {
    return;
  }
  if (tunnel.status == kBadGateway && evidence_.failed_calls > 0) {
    excused_.insert(tunnel.service.get());
  } else {
    breach("LC206: tunnel {} was refused with {}, when nothing stood in its way", number, tunnel.status);
  }
}

// Whoever is connected is answered, but for a head that comes behind the end of its connection.
void Verdict::judge_silence(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  const auto ended = tunnel.service->ended_writing();
  const bool may_be = ended && (*ended <= tunnel.head_there || may_fail(*ended));
  if (!may_be && !tunnel.service->call_failed) {
    breach("LC202: tunnel {}, asked for at {:.3f} ms, got no answer", number, ms(tunnel.head_there));
  }
}

// However it ends: what is heard is what was said, frame by frame, and nothing behind a Close.
void Verdict::judge_hearing(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  if (tunnel.says_close) {
    breach("LC203: the upgrade of tunnel {} says Connection: close", number);
  }
  for (const bool at_client : {true, false}) {
    const WebSocketLog& ear = at_client ? tunnel.client : tunnel.app;
    const WebSocketLog& mouth = at_client ? tunnel.app : tunnel.client;
    const char* const who = at_client ? "client" : "app";
    if (ear.wrong || ear.heard > mouth.said) {
      breach("LC206: the {} of tunnel {} heard what was never said", who, number);
    }
    if (ear.went_on || ear.closes.size() > 1) {
      breach("LC206: the {} of tunnel {} heard more after a Close", who, number);
    }
    const bool read_late = at_client && evidence_.scenario.tunnels[number].is_slow();
    const int due = read_late ? 0 : due_messages(ear, mouth);
    if (ear.heard < due && !call_failed(tunnel)) {
      breach("LC206: the {} of tunnel {} heard {} messages; {} came before its end", who, number, ear.heard,
             due);
    }
  }
}

// What had come to the service whole before it closed this side, or before anything could go wrong. A reset
// may destroy what it had passed on.
int Verdict::due_messages(const WebSocketLog& ear, const WebSocketLog& mouth) const {
  if (ear.was_reset) {
    return 0;
  }
  const Time closed = ear.closes.empty() ? Time::max() : ear.closes.front().sent;
  const Time ended = ear.other_end->ended_writing().value_or(closed);
  const Time until = std::min({closed, ended, ear.left.value_or(closed), cut_from_, may_fail_from_}) - slack_;
  return static_cast<int>(std::ranges::count_if(mouth.there, [until](Time there) { return there < until; }));
}

bool Verdict::call_failed(const TunnelOutcome& tunnel) {
  return tunnel.service->call_failed || tunnel.app.other_end->call_failed;
}

// Both ends are told, once, and until then each hears all that the other says.
void Verdict::judge_close(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  const auto ended = tunnel.service->ended_writing();
  if (!ended) {
    breach("LC105: tunnel {} was never ended", number);
    return;
  }
  judge_close_time(number);
  const auto app_ended = tunnel.app.other_end->ended_writing();
  if (may_fail(std::max(*ended, app_ended.value_or(*ended))) || call_failed(tunnel)) {
    return;
  }
  judge_last_words(number);
  if (evidence_.scenario.tunnels[number].is_slow()) {
    return;  // for how long it takes nothing is chance
  }
  const bool app_torn = (tunnel.app.was_reset || tunnel.app.torn) && !tunnel.client.midway;
  if (tunnel.client.was_reset || tunnel.client.torn || app_torn) {
    breach("LC206: tunnel {} was broken off at {:.3f} ms", number, ms(*ended));
  }
  // An app that says Close by itself, to a client that never answers, may be gone before it hears ours; and
  // ours cannot stand behind half a frame of the client's.
  const bool app_told = !tunnel.app.closes.empty() || tunnel.app.closed || tunnel.client.midway;
  if (tunnel.client.closes.empty() || !app_told) {
    breach("LC206: the {} of tunnel {} heard no Close", app_told ? "client" : "app", number);
    return;
  }
  judge_answers(number);
  if (tunnel.client.closed && !tunnel.app.gave_up && tunnel.app.heard != tunnel.client.said) {
    breach("LC206: the app of tunnel {} heard {} messages of {}", number, tunnel.app.heard,
           tunnel.client.said);
  }
}

// Who hears the other side's own Close has heard all that stood before it, however slowly.
void Verdict::judge_last_words(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  const bool hears_app = !tunnel.client.closes.empty() && tunnel.client.closes.front().code == kNormal;
  if (hears_app && tunnel.client.heard != tunnel.app.said) {
    breach("LC206: the client of tunnel {} heard {} messages of {}", number, tunnel.client.heard,
           tunnel.app.said);
  }
}

// Who would have answered its Close has had the time for it. A stall may take it from an app whose client is
// silent.
void Verdict::judge_answers(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  const TunnelPlan& plan = evidence_.scenario.tunnels[number];
  if (plan.app.answers && !tunnel.app.closed && !tunnel.client.midway && !evidence_.scenario.stalls) {
    breach("LC206: the app of tunnel {} could not answer its Close", number);
  }
  if (plan.client.answers && !tunnel.client.closed) {
    breach("LC206: the client of tunnel {} could not answer its Close", number);
  }
}

// Not at the announcement, but when the drain begins, soon then, and it lasts no longer than --ws-grace:
// wherever the cut left the time for that, even if it was the cut that ended it.
void Verdict::judge_close_time(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  const TunnelPlan& plan = evidence_.scenario.tunnels[number];
  if (plan.client.closes || plan.app.closes || plan.is_slow() || call_failed(tunnel)) {
    return;  // by whom it was closed first is chance
  }
  const Time ended =
      std::max(*tunnel.service->ended_writing(), tunnel.app.other_end->ended_writing().value_or(Time::min()));
  const Time begun = std::max(draining_, tunnel.answer_sent);
  const Time latest = begun + spread() + plan.app.pause + kOnTheWay + slack_;
  if (may_fail(ended) && may_fail(latest)) {
    return;
  }
  if (tunnel.client.closes.empty()) {
    breach("LC206: the client of tunnel {} heard no Close, due by {:.3f} ms", number, ms(latest));
    return;
  }
  const WebSocketLog::Close& close = tunnel.client.closes.front();
  if (close.sent < draining_ || close.sent > latest) {
    breach("LC206: the client of tunnel {} got its Close at {:.3f} ms, due from {:.3f} to {:.3f} ms", number,
           ms(close.sent), ms(draining_), ms(latest));
  }
  for (const WebSocketLog* const ear : {&tunnel.client, &tunnel.app}) {
    if (!ear->closes.empty() && ear->closes.front().code != kGoingAway) {
      breach("LC206: tunnel {} was closed with {}", number, ear->closes.front().code);
    }
  }
  const Time over = close.sent + kWsGrace + slack_;
  if (!may_fail(over) && ended > over) {
    breach("LC206: tunnel {} ended {:.3f} ms after its Close", number, to_milliseconds(ended - close.sent));
  }
}

// So that they do not all come back at once.
void Verdict::judge_spread() {
  std::vector<Time> closes;
  for (const TunnelOutcome& tunnel : evidence_.tunnels) {
    const bool ours = !tunnel.client.closes.empty() && tunnel.client.closes.front().code == kGoingAway;
    if (ours && tunnel.answer_sent < draining_ && !may_fail(tunnel.client.closes.front().sent)) {
      closes.push_back(tunnel.client.closes.front().sent);
    }
  }
  if (closes.size() < kCrowd) {
    return;
  }
  const auto [first, last] = std::ranges::minmax(closes);
  if (last - first < spread() / kLeastShare) {
    breach("LC206: {} tunnels were closed within {:.3f} ms; they had {:.3f} ms", closes.size(),
           to_milliseconds(last - first), to_milliseconds(spread()));
  }
}

/// How long their ends may take.
Duration Verdict::spread() const {
  const Time deadline = *evidence_.t0 + evidence_.scenario.budget.drain;
  return std::clamp((deadline - draining_) / kSpreadShare, Duration::zero(), kMostSpread);
}

}  // namespace lastcall::sim
