// Of requests and tunnels.
#include "sim/ledger.h"

#include <algorithm>
#include <utility>

#include "base/recent_count.h"

namespace lastcall::sim {
namespace {

using Kind = Outcome::Kind;

constexpr int kUpgraded = 101;

}  // namespace

Ledger::Ledger(const Evidence& evidence, const Instants& instants)
    : evidence_(evidence), instants_(instants) {
  note_requests();
  note_tunnels();
  note_half_heads();
  note_probes();
  note_connections();
}

void Ledger::note(Fates fates) {
  const std::pair<Fates, Range&> sums[] = {
      {kFinished, finished}, {kRefused, refused}, {kFailed, failed}, {kClientGone, client_gone}, {kCut, cut}};
  for (const auto& [fate, sum] : sums) {
    sum.add((fates & fate) != 0, fates == fate);
  }
  ended.add(fates != kUncounted, (fates & kUncounted) == 0);
}

/// Whether an exchange that ended then is counted at all.
Ledger::Fates Ledger::uncounted_before(Time end) const {
  return end <= instants_.t0 + instants_.slack ? kUncounted : Fates{};
}

// Requests.

void Ledger::note_requests() {
  for (std::size_t number = 0; number < evidence_.outcomes.size(); ++number) {
    note(fates(number));
  }
}

Ledger::Fates Ledger::fates(std::size_t request) const {
  const Outcome& outcome = evidence_.outcomes[request];
  switch (outcome.kind) {
    case Kind::unsent:
    case Kind::told_before:
      return kUncounted;
    case Kind::answered:
      return fates_of_answer(outcome.status, outcome.status == 200 ? outcome.whole_sent : outcome.head_sent);
    case Kind::broken_off:
    case Kind::unanswered:
    case Kind::reset:
      return fates_of_lost(request);
    case Kind::abandoned:
      return fates_of_abandoned(request);
    case Kind::malformed:
    case Kind::waiting:
      break;
  }
  return kAny;
}

Ledger::Fates Ledger::fates_of_answer(int status, Time sent) const {
  const Fates before = fates_before(status, sent);
  if (sent < instants_.t0 - instants_.slack || before == kFailed) {
    return before;
  }
  const Fates counted = uncounted_before(sent);
  const bool may_be_cut = sent + instants_.slack >= instants_.cut_from;
  switch (status) {
    case 200:
      return kFinished | counted;
    case 503:
      return kRefused | counted | (may_be_cut ? kCut : Fates{});
    case 502:
      return kFailed | counted;
    case 504:
      return kCut | counted;
    default:
      return kAny;
  }
}

/// What an app that nobody had asked to end takes along has failed, also before t0. The product remembers
/// such failures for a second, and those from when the app had ended for sure.
Ledger::Fates Ledger::fates_before(int status, Time sent) const {
  const bool unasked = evidence_.app_ended && !evidence_.app_signalled;
  if (status != 502 || !unasked || sent + RecentCount::kMemory + instants_.slack < instants_.t0) {
    return kUncounted;
  }
  const bool for_sure = sent >= *evidence_.app_ended && evidence_.failed_calls == 0;
  return for_sure ? kFailed : kFailed | kUncounted;
}

/// A response that was broken off is the app's failure or our cut. A reset may have destroyed a whole one.
Ledger::Fates Ledger::fates_of_lost(std::size_t request) const {
  const Outcome& outcome = evidence_.outcomes[request];
  const auto end = outcome.service->ended_writing();
  if (end && *end < outcome.arrives) {
    return kUncounted;
  }
  if (outcome.kind != Kind::broken_off || !end || *end == outcome.arrives) {
    return kAny;
  }
  const bool may_be_cut = *end + instants_.slack >= instants_.cut_from;
  return kFailed | uncounted_before(*end) | (may_be_cut ? kCut : Fates{});
}

/// Its client left while it was under way, or when its response was: only an app that was kept from finishing
/// proves the first.
Ledger::Fates Ledger::fates_of_abandoned(std::size_t request) const {
  const Outcome& outcome = evidence_.outcomes[request];
  const auto end = outcome.service->ended_writing();
  if (end && *end < outcome.arrives) {
    return kUncounted;
  }
  const bool undisturbed = end && *end + instants_.slack < instants_.may_fail &&
                           evidence_.failed_calls == 0 && *end > instants_.t0 + instants_.slack;
  const bool app_had_it = evidence_.begun[request] > 0 && !evidence_.scenario.requests[request].may_fail();
  if (undisturbed && app_had_it && !evidence_.app_finished[request]) {
    return kClientGone;
  }
  return undisturbed && app_had_it && outcome.arrives > instants_.t0 + instants_.slack ? kAny & ~kUncounted
                                                                                       : kAny;
}

// Tunnels.

void Ledger::note_tunnels() {
  for (std::size_t number = 0; number < evidence_.tunnels.size(); ++number) {
    if (evidence_.tunnels[number].connected) {
      note(fates_of_tunnel(number));
      note_closing(number);
    }
  }
}

Ledger::Fates Ledger::fates_of_tunnel(std::size_t number) const {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  const TunnelPlan& plan = evidence_.scenario.tunnels[number];
  const auto end = tunnel.service->ended_writing();
  if (tunnel.status == 0) {
    const bool came_late = end && *end < tunnel.service->peer()->arrival_of_last_send();
    return came_late ? kUncounted : kAny;
  }
  if (tunnel.status != kUpgraded) {
    return fates_of_answer(tunnel.status, tunnel.answer_sent);
  }
  const auto app_end = tunnel.app.other_end->ended_writing();
  const bool both_ended = end && app_end;
  const bool by_us = both_ended && !plan.client.closes && !plan.app.closes && !plan.is_slow() &&
                     std::max(*end, *app_end) + instants_.slack < instants_.may_fail &&
                     !tunnel.service->call_failed && !tunnel.app.other_end->call_failed;
  return by_us ? kFinished : kAny;
}

/// Which of its ends has answered its Close.
void Ledger::note_closing(std::size_t number) {
  const TunnelOutcome& tunnel = evidence_.tunnels[number];
  if (tunnel.status != kUpgraded) {
    return;
  }
  const bool certain = fates_of_tunnel(number) == kFinished;
  client_silent.add(!certain || !tunnel.client.closed, certain && !tunnel.client.closed);
  const bool app_silent_then = tunnel.client.closed && !tunnel.app.closed;
  app_silent.add(!certain || app_silent_then, certain && app_silent_then);
  const bool both = tunnel.client.closed && tunnel.app.closed;
  closed.add(!certain || both, certain && both);
}

// Others.

/// At the cut they are refused, unless the time for a head was over.
void Ledger::note_half_heads() {
  for (const auto& client : evidence_.clients) {
    if (client->plan().kind != ClientPlan::Kind::half_head) {
      continue;
    }
    for (const Connected& connection : client->connections()) {
      const auto end = connection.ours->peer()->ended_writing();
      const bool at_cut = end && *end + instants_.slack >= instants_.cut_from;
      note(at_cut ? kRefused | kUncounted : kUncounted);
    }
  }
}

/// Those that the app had before t0; later ones are answered here and no exchange.
void Ledger::note_probes() {
  for (const Prober::Probe& probe : evidence_.probes) {
    const bool at_app = probe.question == Prober::Question::health_path;
    const bool before = probe.answered && *probe.answered < instants_.t0;
    if (at_app && before) {
      note(fates_before(probe.status, *probe.answered) | kUncounted);
    } else if (at_app && probe.asked <= instants_.t0 + instants_.slack) {
      note(kAny);
    }
  }
}

}  // namespace lastcall::sim
