// The sums of the drain report, against what was seen: LC502.
#include "sim/ledger.h"
#include "sim/verdict.h"

namespace lastcall::sim {

void Verdict::judge_sums() {
  const Ledger ledger(evidence_, {.t0 = *evidence_.t0,
                                  .draining = draining_,
                                  .cut_from = cut_from_,
                                  .may_fail = may_fail_from_,
                                  .slack = slack_});
  const drain::TrafficReport& told = evidence_.report.traffic;
  const auto judge = [this](const char* name, std::uint64_t sum, const Range& seen) {
    if (!seen.holds(sum)) {
      breach("LC502: the report says {} {}; {} to {} were seen", name, sum, seen.least, seen.most);
    }
  };
  judge("finished", told.finished, ledger.finished);
  judge("refused", told.refused, ledger.refused);
  judge("failed", told.failed, ledger.failed);
  judge("client_gone", told.client_gone, ledger.client_gone);
  judge("cut", told.cut, ledger.cut);
  judge("ended", told.finished + told.refused + told.failed + told.client_gone + told.cut, ledger.ended);
  judge("websockets closed", told.websockets.closed, ledger.closed);
  judge("websockets client_silent", told.websockets.client_silent, ledger.client_silent);
  judge("websockets app_silent", told.websockets.app_silent, ledger.app_silent);
  judge("accepted", told.accepted, ledger.accepted);
  judge("idle_closed", told.idle_closed, ledger.idle_closed);
  judge("lost_race", told.lost_race, ledger.lost_race);
}

}  // namespace lastcall::sim
