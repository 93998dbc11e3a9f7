#include "check/check_run.h"

#include <csignal>

#include "check/trial_run.h"

namespace lastcall::check {
namespace {

/// A second SIGINT, or SIGQUIT, asks to be quick: what it cuts is cut rightly (LC102).
bool may_be_repeated(int signal) {
  return signal != SIGINT && signal != SIGQUIT;
}

/// Of a check in all: what is late again and again will not be punctual the next time.
constexpr std::uint32_t kMostSpoiled = 2;

/// Runs it anew while the load client was late and `spare` is left: what it then saw is its own slowness.
Result<judge::Trial> run_trial(const Plan& plan, std::uint32_t number, bool repeat, std::uint32_t& spare,
                               const ShowProgress& show) {
  for (std::uint32_t spoiled = 0;; ++spoiled) {
    auto trial = TrialRun(plan, number, repeat, show).execute();
    if (!trial || spare == 0 || !judge::disturbed(*trial)) {
      return std::move(trial).map([&](judge::Trial&& one) {
        one.spoiled = spoiled;
        return std::move(one);
      });
    }
    --spare;
  }
}

}  // namespace

Result<std::vector<judge::Trial>> run_check(const Plan& plan, const ShowProgress& show) {
  std::uint32_t spare = plan.pid == 0 ? kMostSpoiled : 0;  // one that is not ours cannot be started again
  std::vector<judge::Trial> trials;
  for (std::uint32_t number = 1; number <= plan.trials; ++number) {
    const bool is_last = plan.trials > 1 && number == plan.trials;
    const bool repeat = plan.repeat_signal && is_last && may_be_repeated(plan.signal);
    auto trial = run_trial(plan, number, repeat, spare, show);
    if (!trial) {
      return Failure(std::move(trial).error());
    }
    trials.push_back(*std::move(trial));
  }
  return trials;
}

}  // namespace lastcall::check
