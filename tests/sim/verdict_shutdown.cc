// The shutdown itself: LC103, LC105, LC301, LC401, LC501, LC502, and what it leaves behind.
#include <algorithm>
#include <csignal>

#include "sim/verdict.h"

namespace lastcall::sim {
namespace {

constexpr int kNeverReady = 125;
constexpr int kSignalBase = 128;
constexpr Duration kLongestLinger = 5s;
constexpr Duration kOrphanedDrain = 5s;  // for what can be answered without the app
constexpr Duration kLastWait = 500ms;    // for what has been killed

}  // namespace

void Verdict::judge_machine() {
  for (const std::string& misuse : evidence_.misuses) {
    breach("misuse of the kernel: {}", misuse);
  }
  if (evidence_.open_descriptors > 0) {
    breach("LC401: {} descriptors are left open", evidence_.open_descriptors);
  }
  if (evidence_.wrong_bodies > 0) {
    breach("LC202: the app got {} bodies that no client had sent", evidence_.wrong_bodies);
  }
  if (evidence_.processes_left > 0) {
    breach("LC401: {} processes are left", evidence_.processes_left);
  }
}

// Red from t0 on, alive to the end.
void Verdict::judge_probes() {
  const bool undisturbed = evidence_.scenario.faults.accept + evidence_.scenario.faults.watch == 0;
  for (const Prober::Probe& probe : evidence_.probes) {
    const bool in_time = probe.asked + slack_ + 5ms < *evidence_.ended;
    const bool at_admin = probe.question != Prober::Question::health_path;
    if (!probe.answered && in_time && undisturbed && at_admin) {
      breach("LC103: a probe at {:.3f} ms was not answered", ms(probe.asked));
    }
    if (!probe.answered) {
      continue;
    }
    if (probe.question == Prober::Question::liveness && probe.status != 200) {
      breach("LC103: liveness said {} at {:.3f} ms", probe.status, ms(probe.asked));
    }
    const bool about_readiness = probe.question != Prober::Question::liveness;
    if (about_readiness && probe.status == 200 && evidence_.t0 && probe.asked > *evidence_.t0 + slack_) {
      breach("LC103: readiness was still green at {:.3f} ms", ms(probe.asked));
    }
  }
}

void Verdict::judge_times() {
  if (!evidence_.t0) {
    breach("LC101: no signal began the shutdown");
    return;
  }
  const drain::BudgetPlan& budget = evidence_.scenario.budget;
  if (*evidence_.ended > *evidence_.t0 + budget.grace + slack_) {
    breach("LC301: it ended {:.3f} ms after the grace period",
           to_milliseconds(*evidence_.ended - *evidence_.t0 - budget.grace));
  }
  if (evidence_.report.drain_deadline > budget.drain ||
      evidence_.report.deadline > budget.grace - budget.reserve) {
    breach("LC301: its deadlines are later than the budget's");
  }
  judge_lame_duck();
  judge_end();
  for (const drain::PhaseSpan& phase : evidence_.report.phases) {
    if (phase.phase == drain::Phase::draining &&
        phase.began + phase.lasted > evidence_.report.drain_deadline + slack_) {
      breach("LC105: draining went on after its deadline");
    }
  }
}

// It ends when nobody has redialled for a while, or at its maximum; whoever redials draws it out.
void Verdict::judge_lame_duck() {
  const drain::LameDuckReport& report = evidence_.report.lame_duck;
  const drain::LameDuck& plan = evidence_.scenario.budget.lame_duck;
  if (!report.entered || !report.announced || !report.ended) {
    return;
  }
  const Time announced = *evidence_.t0 + *report.announced;
  const Time ended = *evidence_.t0 + *report.ended;
  if (ended > *evidence_.t0 + plan.max + slack_) {
    breach("LC104: the lame duck went on after its maximum");
  }
  if (ended >= may_fail_from_) {
    return;  // cut short
  }
  if (announced + slack_ < *evidence_.t0 + plan.min || announced > *evidence_.t0 + plan.min + slack_) {
    breach("LC104: the announcement came {:.3f} ms after the signal", to_milliseconds(*report.announced));
  }
  Time last = announced;
  Time last_for_sure = announced;
  for (const Outcome& outcome : evidence_.outcomes) {
    if (!outcome.first || outcome.head_there > ended) {
      continue;
    }
    last = std::max(last, outcome.head_there);
    const bool redial = outcome.connected > announced + slack_ && outcome.head_there + slack_ < ended &&
                        outcome.kind != Outcome::Kind::abandoned;
    last_for_sure = redial ? std::max(last_for_sure, outcome.head_there) : last_for_sure;
  }
  for (const TunnelOutcome& tunnel : evidence_.tunnels) {
    last = tunnel.head_there <= ended ? std::max(last, tunnel.head_there) : last;
  }
  const Time earliest = std::min(last_for_sure + plan.quiet, *evidence_.t0 + plan.max);
  const Time latest = std::min(last + plan.quiet, *evidence_.t0 + plan.max);
  const bool in_time = ended + slack_ >= earliest && ended <= latest + slack_;
  const bool accepted_at_once = evidence_.failed_calls == 0 && evidence_.scenario.most_connections >= kMany;
  if (!in_time && accepted_at_once) {
    breach("LC104: the lame duck ended at {:.3f} ms; by its clients it had to between {:.3f} and {:.3f} ms",
           ms(ended), ms(earliest), ms(latest));
  }
}

// Nothing is waited for but the app and the lingering closes, which have a limit.
void Verdict::judge_end() {
  const AppPlan& app = evidence_.scenario.app;
  if (app.workers > 0 && !app.workers_obey) {
    return;
  }
  Time last = evidence_.app_ended.value_or(Time::max());
  const bool by_itself = evidence_.app_ended && !evidence_.app_signalled;
  const Time answers_end = by_itself ? *evidence_.app_ended + kOrphanedDrain : Time::max();
  for (const auto& connection : evidence_.accepted) {
    const Time ended = std::min(connection->ended_writing().value_or(last), answers_end);
    last = std::max(last, ended + kLongestLinger);
  }
  if (last != Time::max() && *evidence_.ended > last + kLastWait + slack_) {
    breach("LC105: it ended {:.3f} ms after the last that could be waited for",
           to_milliseconds(*evidence_.ended - last));
  }
}

// Last, and at once: not while a connection can carry a request, and within 1 ms once none can.
void Verdict::judge_app_signal() {
  if (!evidence_.app_signalled || !evidence_.t0) {
    return;
  }
  const Time signalled = *evidence_.app_signalled;
  const auto got_it_first = [&](const SignalPlan& signal) {
    return signal.number == evidence_.stop_signal && Kernel::kStart + signal.at <= *evidence_.t0 + slack_;
  };
  const bool by_signal = evidence_.report.cause.starts_with("SIG") && !evidence_.scenario.stop_signal;
  const bool other_than_asked =
      evidence_.stop_signal != evidence_.scenario.stop_signal.value_or(evidence_.stop_signal);
  if (other_than_asked || (by_signal && std::ranges::none_of(evidence_.scenario.signals, got_it_first))) {
    breach("LC401: the app got signal {}, which was not the one", evidence_.stop_signal);
  }
  const bool may = signalled >= may_fail_from_;
  if (evidence_.under_way_at_signal > 0 && !may) {
    breach("LC401: the app was signalled at {:.3f} ms with {} requests under way", ms(signalled),
           evidence_.under_way_at_signal);
  }
  if (may) {
    return;
  }
  Time last = std::max(*evidence_.t0, evidence_.listener_closed.value_or(Time::max()));
  for (const auto& connection : evidence_.accepted) {
    last = std::max(last, connection->ended_writing().value_or(last));
  }
  for (const TunnelOutcome& tunnel : evidence_.tunnels) {
    const auto& to_app = tunnel.app.other_end;
    last = to_app != nullptr ? std::max(last, to_app->ended_writing().value_or(last)) : last;
  }
  if (evidence_.listener_closed && signalled > last + slack_) {
    breach("LC105: the app was signalled {:.3f} ms after the last connection had ended",
           to_milliseconds(signalled - last));
  }
}

// SIGKILL is for who has not ended by the deadline.
void Verdict::judge_kill() {
  const drain::DrainReport& report = evidence_.report;
  if (!evidence_.t0 || report.forced || !evidence_.app_signalled || !evidence_.app_ended ||
      evidence_.scenario.keeper_killed) {
    return;
  }
  const bool early = *evidence_.app_ended + slack_ < *evidence_.t0 + report.deadline;
  if (report.app.killed && early) {
    breach("LC401: the app was killed at {:.3f} ms, before the deadline", ms(*evidence_.app_ended));
  }
  if (report.app.descendants_killed > 0 && early && evidence_.scenario.app.workers_obey) {
    breach("LC401: {} processes were killed that would have obeyed", report.app.descendants_killed);
  }
}

// A second SIGINT, or a SIGQUIT while draining, forces, and nothing else does.
void Verdict::judge_force() {
  if (!evidence_.t0) {
    return;
  }
  std::vector<SignalPlan> signals = evidence_.scenario.signals;
  std::ranges::stable_sort(signals, {}, &SignalPlan::at);
  bool may_force = false;
  bool must_force = false;
  int interrupts = 0;
  for (const SignalPlan& signal : signals) {
    const Time came = Kernel::kStart + signal.at;
    interrupts += signal.number == SIGINT ? 1 : 0;
    const bool deliberate = signal.number == SIGQUIT || (signal.number == SIGINT && interrupts > 1);
    may_force |= deliberate && came >= *evidence_.t0 - slack_;
    must_force |= deliberate && came > *evidence_.t0 + slack_ && came + slack_ < *evidence_.ended;
  }
  if (must_force && !evidence_.report.forced) {
    breach("LC102: a second signal asked for it, and nothing was forced");
  }
  if (evidence_.report.forced && !may_force) {
    breach("LC102: it was forced, and nobody had asked for it");
  }
}

// The exit status and the report tell what happened.
void Verdict::judge_account() {
  const drain::DrainReport& report = evidence_.report;
  int cut = 0;
  for (std::size_t number = 0; number < evidence_.outcomes.size(); ++number) {
    cut += was_cut(number) ? 1 : 0;
  }
  if (std::cmp_greater(cut, report.traffic.cut)) {
    breach("LC303: {} requests were cut; the report says {}", cut, report.traffic.cut);
  }
  if (report.exit_status == 0 && (evidence_.killed || cut > 0 || report.forced)) {
    breach("LC501: exit status 0, though something was cut, killed or forced");
  }
  const std::optional<Duration>& crashes = evidence_.scenario.app.crashes;
  const bool crashed = crashes && evidence_.app_ended == Kernel::kStart + *crashes;
  if (report.clean() && crashed && !evidence_.app_signalled) {
    breach("LC501: the report says clean, though the app had crashed without having been asked to end");
  }
  const bool app_said_so = report.app.exit_status.value_or(0) == report.exit_status ||
                           (report.app.signal && kSignalBase + *report.app.signal == report.exit_status);
  if (report.exit_status == 1 && report.clean() && !app_said_so) {
    breach("LC501: exit status 1, though nothing was cut, killed or forced");
  }
  const bool gave_up_start = report.cause.starts_with("app not ready");
  const bool known =
      report.exit_status <= 1 || app_said_so || (report.exit_status == kNeverReady && gave_up_start);
  if (!known) {
    breach("LC501: exit status {} is nobody's", report.exit_status);
  }
}

}  // namespace lastcall::sim
