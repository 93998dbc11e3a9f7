// Acceptor: a shard's share of the listener that all shards watch: accepts while the shard has room and hands
// the connections to it. Owns neither the listener nor a connection. On the shard's thread.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "net/loop.h"

namespace lastcall::proxy {

class Shard;

class Acceptor final : public net::Handler {
 public:
  Acceptor(Shard& shard, int listener) : shard_(shard), listener_(listener) {}

  /// Accepts from now on; with no memory for it, after a pause.
  void watch();

  /// For good.
  void stop();

  /// Accepts again after a pause, if it may. Returns when to ask again.
  [[nodiscard]] Time resume(Time now);

  void on_events(std::uint32_t events) override;

 private:
  void unwatch();
  /// False: nobody else is to be accepted now.
  bool accept_one();

  Shard& shard_;
  int listener_;
  int accepts_ = 0;
  bool watching_ = false;
  bool stopped_ = false;
  Time paused_until_{};
};

}  // namespace lastcall::proxy
