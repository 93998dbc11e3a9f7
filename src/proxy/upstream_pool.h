// UpstreamPool: a shard's connections to the app. Last in, first out, so that what is not needed grows old
// and is closed before the app does it: closing first is what keeps requests off dying connections.
#pragma once

#include <memory>
#include <vector>

#include "base/time.h"
#include "proxy/upstream.h"

namespace lastcall::proxy {

class UpstreamPool {
 public:
  explicit UpstreamPool(Shard& shard);

  /// An idle connection that a request may ride on. Null: connect; if there was an idle one, but too old, the
  /// oldest is closed. `idempotent`: the request may be repeated if the app closes the connection at this
  /// very moment.
  [[nodiscard]] Upstream* reuse(bool idempotent, Time now);

  /// A new connection, perhaps still connecting; or a negative errno in `error` and null.
  [[nodiscard]] Upstream* connect(int& error);

  /// Takes a connection back for later, or closes it if there are enough. `keep_alive`: the app's advertised
  /// timeout, zero if none.
  void release(Upstream& upstream, Duration keep_alive, Time now);

  /// Closes a connection, idle or not.
  void close(Upstream& upstream);

  /// Closes idle connections whose time is over; says when to be called again.
  [[nodiscard]] Time expire(Time now);

  void close_idle();

 private:
  Shard& shard_;
  const std::size_t most_idle_;  ///< as many as the shard's clients can ever use at once
  std::vector<std::unique_ptr<Upstream>> all_;
  std::vector<Upstream*> idle_;     ///< oldest first
  Time next_expiry_ = Time::max();  ///< no idle connection's time is over before
};

}  // namespace lastcall::proxy
