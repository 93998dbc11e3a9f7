// What clients saw: LC201, LC202, LC203, LC204, LC208.
#include <algorithm>

#include "sim/verdict.h"

namespace lastcall::sim {
namespace {

using Kind = Outcome::Kind;

// From the arrival of a request's head until the app has it, with every segment late and one of them lost.
constexpr Duration kLongEnough = 3s;

constexpr Duration kHeaderTimeout = 10s;
constexpr Duration kLostAck = 1300ms;  // a handshake whose ACK was lost is complete so much later, at most

}  // namespace

void Verdict::judge_requests() {
  for (std::size_t number = 0; number < evidence_.outcomes.size(); ++number) {
    const Outcome& outcome = evidence_.outcomes[number];
    switch (outcome.kind) {
      case Kind::answered:
        judge_answer(number);
        break;
      case Kind::malformed:
        breach("LC202: request {} got a response that is none", number);
        break;
      case Kind::waiting:
        breach("LC105: request {} was never answered, and its connection never ended", number);
        break;
      case Kind::broken_off:
      case Kind::unanswered:
      case Kind::reset:
        judge_lost(number);
        break;
      case Kind::unsent:
      case Kind::told_before:
      case Kind::abandoned:
        break;
    }
    judge_idleness(number);
    const int allowed = evidence_.scenario.requests[number].post ? 1 : 2;
    if (evidence_.begun[number] > allowed) {
      breach("LC202: the app got request {} {} times", number, evidence_.begun[number]);
    }
  }
}

// No more connections failed than calls did for them, or than the listener left.
void Verdict::judge_excuses() {
  const auto left = static_cast<int>(evidence_.report.traffic.listener_left);
  if (std::cmp_greater(excused_.size(), evidence_.failed_calls + left)) {
    breach("LC202: requests failed on {} connections, and only {} calls had", excused_.size(),
           evidence_.failed_calls);
  }
}

// A request without a body that the app did not get, though it was there and there was time.
void Verdict::judge_idleness(std::size_t number) {
  const Outcome& outcome = evidence_.outcomes[number];
  const bool settled = outcome.kind == Kind::unsent || outcome.kind == Kind::told_before ||
                       outcome.kind == Kind::abandoned || lost_race(outcome);
  if (settled || evidence_.begun[number] > 0 || evidence_.scenario.requests[number].post ||
      evidence_.failed_calls > 0 || !evidence_.app_ready || outcome.behind_others ||
      evidence_.scenario.most_connections < kMany) {
    return;
  }
  const Time app_was_there = std::max(outcome.arrives, *evidence_.app_ready) + kLongEnough + slack_;
  if (app_was_there < may_fail_from_) {
    breach("LC202: request {}, there since {:.3f} ms, was never passed on", number, ms(outcome.arrives));
  }
}

void Verdict::judge_answer(std::size_t number) {
  const Outcome& outcome = evidence_.outcomes[number];
  const RequestPlan& plan = evidence_.scenario.requests[number];
  judge_farewell(number);
  if (outcome.status == 200 && outcome.head_sent > cut_from_ + slack_) {
    breach("LC303: the response to request {} was begun at {:.3f} ms, after the cut", number,
           ms(outcome.head_sent));
  }
  if (outcome.status != 200) {
    judge_own_answer(number);
    return;
  }
  const std::string whole = response_body(static_cast<std::uint32_t>(number), plan.size);
  const bool short_unnoticed = plan.answer == RequestPlan::Answer::broken_off &&
                               plan.framing == RequestPlan::Framing::until_close &&
                               whole.starts_with(outcome.body);
  // Whoever reads to the end of the connection cannot see that the app was killed in the middle.
  const bool app_died = plan.framing == RequestPlan::Framing::until_close && evidence_.app_ended &&
                        outcome.ended >= *evidence_.app_ended && whole.starts_with(outcome.body);
  if (outcome.body != whole && !short_unnoticed && !app_died) {
    breach("LC202: request {} got {} bytes that are not its response of {}", number, outcome.body.size(),
           whole.size());
  }
  if (evidence_.begun[number] == 0) {
    breach("LC202: request {} was answered 200, but the app never saw it", number);
  }
}

// The product answers itself only for a reason, and says that the connection ends there.
void Verdict::judge_own_answer(std::size_t number) {
  const Outcome& outcome = evidence_.outcomes[number];
  const RequestPlan& plan = evidence_.scenario.requests[number];
  if (!outcome.closes) {
    breach("LC203: the answer {} to request {} does not say Connection: close", outcome.status, number);
  }
  if (outcome.status == 503 && !outcome.retry_after) {
    breach("LC208: the 503 to request {} has no Retry-After", number);
  }
  if (outcome.status == 503 && plan.post && evidence_.begun[number] > 0) {
    breach("LC208: request {} was refused with 503 after the app had begun it", number);
  }
  const bool apps_fault = outcome.status == 502 && plan.may_fail();
  const bool known = outcome.status == 502 || outcome.status == 503 || outcome.status == 504;
  if (!known) {
    breach("LC202: request {} was answered {}", number, outcome.status);
  } else if (!apps_fault && !may_fail(outcome.head_sent)) {
    if (outcome.status == 502 && evidence_.failed_calls > 0) {
      excused_.insert(outcome.service.get());
    } else {
      breach("LC202: request {} was answered {} at {:.3f} ms, when nothing stood in its way", number,
             outcome.status, ms(outcome.head_sent));
    }
  }
}

void Verdict::judge_farewell(std::size_t number) {
  const Outcome& outcome = evidence_.outcomes[number];
  const auto& announced = evidence_.report.lame_duck.announced;
  if (outcome.closes || !announced || !evidence_.t0) {
    return;
  }
  const Time told = *evidence_.t0 + *announced + slack_;
  const Time at_the_latest = outcome.more_behind ? told + evidence_.scenario.budget.idle_grace : told;
  // A pipelined one is decided when the app gives it, though there may be no room to send it for a long time.
  const bool pipelined = outcome.behind_others || outcome.more_behind;
  const Time given = evidence_.app_answered[number].value_or(outcome.head_sent);
  if ((pipelined ? given : outcome.head_sent) > at_the_latest) {
    breach("LC203: the response to request {}, begun at {:.3f} ms, does not say Connection: close", number,
           ms(outcome.head_sent));
  }
}

void Verdict::judge_lost(std::size_t number) {
  const Outcome& outcome = evidence_.outcomes[number];
  const RequestPlan& plan = evidence_.scenario.requests[number];
  const bool apps_fault = plan.may_fail() && (plan.early || outcome.status != 0);
  // A reset may have destroyed the beginning of the response that it cut, the app's or our own.
  const bool anything_sent = outcome.service->arrival_of_last_send() > outcome.arrives;
  const bool response_begun =
      outcome.status != 0 || (outcome.kind == Kind::reset && (evidence_.begun[number] > 0 || anything_sent));
  // A reset after our last byte is our doing by then, however late it arrives.
  const Time ours = std::min(outcome.ended, outcome.service->ended_writing().value_or(outcome.ended));
  if (apps_fault || lost_race(outcome) || (response_begun && may_fail(ours))) {
    return;
  }
  if (evidence_.scenario.faults.accept + evidence_.scenario.faults.watch > 0) {
    excused_.insert(outcome.service.get());
    return;
  }
  breach("LC20{}: request {}, sent at {:.3f} ms, was {} at {:.3f} ms", outcome.kind == Kind::reset ? 1 : 2,
         number, ms(outcome.sent),
         outcome.kind == Kind::reset        ? "reset"
         : outcome.kind == Kind::broken_off ? "broken off"
                                            : "left without an answer",
         ms(outcome.ended));
}

void Verdict::judge_connections() {
  for (const auto& client : evidence_.clients) {
    for (const Connected& connection : client->connections()) {
      if (connection.refused_at && *connection.refused_at < draining_) {
        breach("LC201: a client was refused at {:.3f} ms, before the listener closed",
               ms(*connection.refused_at));
      }
      if (connection.bytes_after_close) {
        breach("LC203: bytes came behind a response that said it was the last");
      }
    }
  }
  judge_idle_ends();
  judge_half_heads();
  judge_resets();
}

// Each connection that is ended while idle has had its grace.
void Verdict::judge_idle_ends() {
  if (!evidence_.t0 || !evidence_.report.lame_duck.announced) {
    return;
  }
  const Time announced = *evidence_.t0 + *evidence_.report.lame_duck.announced;
  for (const auto& client : evidence_.clients) {
    for (const Connected& connection : client->connections()) {
      const auto ended = connection.ours->peer()->ended_writing();
      if (!connection.ended_idle || !ended || *ended >= cut_from_) {
        continue;
      }
      const Time earliest = std::max(connection.last_used, announced) + evidence_.scenario.budget.idle_grace;
      // The product's clock is read once for each batch of events.
      if (*ended + slack_ < earliest && evidence_.scenario.faults.watch == 0) {
        breach("LC204: an idle connection was ended at {:.3f} ms, {:.3f} ms before its grace was over",
               ms(*ended), to_milliseconds(earliest - *ended));
      }
      const Duration on_the_way = 2 * connection.ours->path().latency + connection.ours->path().jitter;
      const Time latest = std::max(earliest, draining_) + on_the_way + slack_;
      const bool was_used = connection.last_used != connection.connected;
      if (was_used && *ended > latest) {
        breach("LC204: an idle connection was ended at {:.3f} ms, {:.3f} ms after its grace", ms(*ended),
               to_milliseconds(*ended - latest));
      }
    }
  }
}

// Who never finishes his head is not waited for.
void Verdict::judge_half_heads() {
  const bool accepted_late = evidence_.failed_calls > 0 || evidence_.scenario.most_connections < kMany;
  for (const auto& client : evidence_.clients) {
    if (accepted_late || client->plan().kind != ClientPlan::Kind::half_head) {
      continue;
    }
    for (const Connected& connection : client->connections()) {
      const auto ended = connection.ours->peer()->ended_writing();
      const Time latest =
          connection.connected.value_or(Time::max() - 1h) + kHeaderTimeout + kLostAck + slack_;
      if (connection.connected && ended && *ended > latest) {
        breach("LC204: half a head was waited for until {:.3f} ms", ms(*ended));
      }
    }
  }
}

// Whoever's connect() has succeeded is accepted, or the report says that it was not. Where neither can the
// kernel be asked nor new clients be stopped, nobody can know.
void Verdict::judge_resets() {
  const Faults& faults = evidence_.scenario.faults;
  const bool in_time = !(evidence_.listener_closed >= cut_from_);
  const bool unseen = faults.no_sock_diag || evidence_.scenario.syn_flood;
  if (unseen && (!in_time || (faults.no_ifindex && faults.no_filter))) {
    return;
  }
  std::uint64_t resets = 0;
  for (const auto& client : evidence_.clients) {
    for (const Connected& connection : client->connections()) {
      const auto& service = connection.ours->peer();
      const bool accepted = std::ranges::find(evidence_.accepted, service) != evidence_.accepted.end();
      resets += std::uint64_t{connection.connected && connection.was_reset && !accepted};
    }
  }
  const bool avoidable = in_time && faults.accept == 0 && !(faults.no_ifindex && faults.no_filter);
  if (resets > 0 && avoidable) {
    breach("LC201: {} clients were reset before they were accepted", resets);
  }
  if (resets > evidence_.report.traffic.listener_left) {
    breach("LC201: {} clients were reset before they were accepted; the report says {}", resets,
           evidence_.report.traffic.listener_left);
  }
}

}  // namespace lastcall::sim
