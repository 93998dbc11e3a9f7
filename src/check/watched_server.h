// WatchedServer: the server of a trial, whether we start it or it runs already: signalled, watched to its
// end, and ended if it is ours. Decides nothing about when. One thread, the loop's.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "check/outside_process.h"
#include "check/plan.h"
#include "check/server_process.h"
#include "judge/trial.h"

namespace lastcall::check {

class WatchedServer {
 public:
  /// `plan` outlives it.
  WatchedServer(const Plan& plan, net::Loop& loop) : plan_(plan), ours_(loop), outside_(loop) {}

  /// Starts it on this address, or finds the one that runs. Error: status 2.
  Result<void> start(const sys::Address& target);

  void signal();

  /// SIGKILL to it and all that it started, if it is ours.
  void end() { ours_.end(); }

  /// Nothing of it is left, or it was never ours.
  [[nodiscard]] bool gone() const { return ours_.gone(); }

  [[nodiscard]] Time exited_at() const;

  [[nodiscard]] bool exited() const { return exited_at() != Time::max(); }

  /// The error if it has exited unasked, with its last words.
  [[nodiscard]] Error ended_early() const;

  /// What it left behind; before end(). `killed`: it was not ended by the signal but by us.
  [[nodiscard]] judge::Process aftermath(bool killed) const;

  /// Null if it is not ours.
  [[nodiscard]] const ServerProcess* process() const { return plan_.starts_server() ? &ours_ : nullptr; }

 private:
  const Plan& plan_;
  ServerProcess ours_;
  OutsideProcess outside_;
};

}  // namespace lastcall::check
