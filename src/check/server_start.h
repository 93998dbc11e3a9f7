// ServerStart: waits until a server answers, or says why it never did, with the addresses where it listens
// instead and the last lines of its output. Neither starts nor ends it. One thread, the loop's.
#pragma once

#include <optional>

#include "base/result.h"
#include "check/load.h"
#include "check/plan.h"
#include "check/server_process.h"

namespace lastcall::check {

class ServerStart {
 public:
  /// `server` is null for one that runs already. All references outlive this.
  ServerStart(const Plan& plan, const sys::Address& target, const ServerProcess* server, net::Loop& loop);

  void start(Time now);

  /// Asks again when it is time; returns when it wants to be called again.
  Time tick(Time now) { return asking_.tick(now); }

  [[nodiscard]] bool answers() const;

  /// Set once there is no hope left. Status 2.
  [[nodiscard]] std::optional<Error> hopeless(Time now) const;

 private:
  [[nodiscard]] Error explained(const std::string& what) const;
  [[nodiscard]] std::string last_attempt() const;
  [[nodiscard]] std::string advice() const;

  const Plan& plan_;
  const sys::Address target_;
  const ServerProcess* const server_;
  Load asking_;
  Time began_{};
};

/// An error about a server whose last output lines may explain it. Status 2.
[[nodiscard]] Error with_output(std::string what, const std::string& fix, const ServerProcess& server);

}  // namespace lastcall::check
