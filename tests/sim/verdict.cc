#include "sim/verdict.h"

#include <algorithm>

namespace lastcall::sim {

Verdict::Verdict(const Evidence& evidence) : evidence_(evidence), slack_(evidence.scenario.slack()) {
  if (evidence_.turned_for_ever || !evidence_.ended) {
    breach("LC105: the product {}", evidence_.turned_for_ever ? "turned without end" : "hung");
    return;
  }
  const drain::DrainReport& report = evidence_.report;
  if (evidence_.t0) {
    cut_from_ = std::min(*evidence_.t0 + report.drain_deadline, evidence_.forced.value_or(Time::max()));
    const bool while_starting = !evidence_.app_ready || *evidence_.app_ready > *evidence_.t0;
    may_fail_from_ = while_starting ? *evidence_.t0 : cut_from_;
    draining_ = *evidence_.t0 + report.lame_duck.ended.value_or(0ms);
  }
  may_fail_from_ = std::min(may_fail_from_, evidence_.app_ended.value_or(Time::max()));
  judge_requests();
  judge_connections();
  if (evidence_.t0) {
    judge_tunnels();
    judge_sums();
  }
  judge_excuses();
  judge_machine();
  judge_probes();
  judge_times();
  judge_app_signal();
  judge_kill();
  judge_force();
  judge_account();
}

bool Verdict::may_fail(Time when) const {
  return when >= may_fail_from_;
}

/// It arrived when the service had already ended the connection (RFC 9112 §9.5).
bool Verdict::lost_race(const Outcome& outcome) const {
  const auto ended = outcome.service->ended_writing();
  return outcome.kind != Outcome::Kind::broken_off && ended && *ended <= outcome.arrives;
}

bool Verdict::was_cut(std::size_t number) const {
  const Outcome& outcome = evidence_.outcomes[number];
  const RequestPlan& plan = evidence_.scenario.requests[number];
  const bool answered_instead = outcome.kind == Outcome::Kind::answered && outcome.status == 504;
  const bool response_lost =
      (outcome.kind == Outcome::Kind::broken_off || outcome.kind == Outcome::Kind::reset) &&
      outcome.status != 0;
  const bool app_was_there =
      evidence_.failed_calls == 0 && (!evidence_.app_ended || outcome.ended < *evidence_.app_ended);
  return answered_instead || (response_lost && app_was_there && !plan.may_fail() && !lost_race(outcome));
}

double Verdict::ms(Time when) const {
  return to_milliseconds(when - Kernel::kStart);
}

}  // namespace lastcall::sim
