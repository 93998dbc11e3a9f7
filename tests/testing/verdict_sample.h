// Made-up but possible results of `lastcall check`, for the tests of everything that tells a verdict or keeps
// evidence: an app that cuts its clients, the same one as it should be, and the evidence of one shutdown.
// Always the same to the last bit. Nothing was measured, and nothing here judges. Any thread.
#pragma once

#include "judge/trial.h"
#include "judge/verdict.h"

namespace lastcall::sample {

/// A Node service on its own, three trials: failed, with a finding of every status, evidence, and a timeline
/// of 64 bins of 100 ms from 1 s before the signal on.
[[nodiscard]] judge::Verdict failed_verdict();

/// The same service under `lastcall run`: passed, with the same clauses, flows and lanes.
[[nodiscard]] judge::Verdict passed_verdict();

/// A shutdown with a flow of every kind, observations of every outcome, departures, probes of both sorts and
/// a repeated signal. Its clock stands at an hour when the signal is sent.
[[nodiscard]] judge::Trial trial();

}  // namespace lastcall::sample
