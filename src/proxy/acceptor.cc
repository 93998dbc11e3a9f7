#include "proxy/acceptor.h"

#include <cerrno>
#include <utility>

#include "proxy/shard.h"

namespace lastcall::proxy {
namespace {

constexpr int kAcceptsPerTurn = 16;
constexpr Duration kAcceptPause = 100ms;

}  // namespace

// Level-triggered and exclusive.
void Acceptor::watch() {
  if (!std::exchange(watching_, true)) {
    shard_.loop().watch(listener_, sys::kReadable | sys::kExclusive, *this);
  }
}

void Acceptor::unwatch() {
  if (std::exchange(watching_, false)) {
    shard_.loop().unwatch(listener_);
  }
}

void Acceptor::stop() {
  unwatch();
  stopped_ = true;
}

Time Acceptor::resume(Time now) {
  if (stopped_ || watching_ || shard_.full()) {
    return Time::max();
  }
  if (now < paused_until_) {
    return paused_until_;
  }
  watch();
  return Time::max();
}

// The kernel always wakes the first in line: every few accepts this shard goes to the end of it.
void Acceptor::on_events(std::uint32_t) {
  sys::Address client;
  while (watching_) {
    sys::UniqueFd fd(sys::accept(listener_, &client));
    if (!fd) {
      if (fd.get() != -EAGAIN && fd.get() != -ECONNABORTED) {
        unwatch();  // out of descriptors or memory: a level-triggered listener would spin
        paused_until_ = shard_.now() + kAcceptPause;
      }
      return;
    }
    shard_.adopt(std::move(fd), client);
    if (shard_.full()) {
      unwatch();
    } else if (++accepts_ == kAcceptsPerTurn) {
      accepts_ = 0;
      unwatch();
      watch();
      return;
    }
  }
}

}  // namespace lastcall::proxy
