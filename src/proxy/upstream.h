// Upstream: one connection to the app: idle in the pool, or carrying one exchange. While idle it is watched,
// so that one which the app closes leaves the pool at once.
#pragma once

#include <string_view>

#include "net/bytes.h"
#include "net/loop.h"
#include "net/stream.h"

namespace lastcall::proxy {

class Exchange;
class Shard;

class Upstream final : public net::Handler {
 public:
  Upstream(Shard& shard, sys::UniqueFd fd) : shard_(shard), stream_(std::move(fd), false) {}

  void on_events(std::uint32_t events) override;

  /// Reads and hands to the exchange what is waiting, as far as its client takes it.
  void pump();

  void attach(Exchange& exchange) { exchange_ = &exchange; }

  void detach() { exchange_ = nullptr; }

  [[nodiscard]] net::Stream& stream() { return stream_; }

  /// Bytes of an incomplete response head wait for more.
  void keep(std::string_view in) { input_.append(in); }

  /// The app has sent or closed more than it was asked for: not to be used again.
  [[nodiscard]] bool dirty() const { return !input_.empty() || stream_.ended() || stream_.unsent() > 0; }

  bool established = false;  ///< the connect has succeeded
  bool reused = false;       ///< has carried an exchange before
  bool queued = false;       ///< stands in the shard's queue of connections to pump again
  bool closed = false;
  std::size_t slot = 0;  ///< where the pool keeps it
  Time idle_since{};
  Time idle_until{};

 private:
  [[nodiscard]] bool settle_connect();
  void check_idle();
  void flush();

  Shard& shard_;
  net::Stream stream_;
  net::Bytes input_;
  Exchange* exchange_ = nullptr;
};

}  // namespace lastcall::proxy
