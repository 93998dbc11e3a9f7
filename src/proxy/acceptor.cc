#include "proxy/acceptor.h"

#include <utility>

#include "net/accept_error.h"
#include "proxy/shard.h"

namespace lastcall::proxy {
namespace {

constexpr int kAcceptsPerTurn = 16;
constexpr Duration kAcceptPause = 100ms;

}  // namespace

// Level-triggered and exclusive.
void Acceptor::watch() {
  watching_ = shard_.loop().watch(listener_, sys::kReadable | sys::kExclusive, *this) == 0;
  if (!watching_) {
    paused_until_ = shard_.now() + kAcceptPause;
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
  if (now >= paused_until_) {
    shard_.accepts_again();
    watch();
  }
  return watching_ ? Time::max() : paused_until_;
}

// The kernel always wakes the first in line: every few accepts this shard goes to the end of it.
void Acceptor::on_events(std::uint32_t) {
  while (watching_ && accept_one()) {
    if (shard_.full()) {
      unwatch();
      shard_.not_accepting(NotAccepting::max_connections);
    } else if (++accepts_ == kAcceptsPerTurn) {
      accepts_ = 0;
      unwatch();
      watch();
      return;
    }
  }
}

bool Acceptor::accept_one() {
  sys::Address client;
  sys::UniqueFd fd(sys::accept(listener_, &client));
  if (fd) {
    shard_.adopt(std::move(fd), client);
    return true;
  }
  const net::AcceptError error = net::classify_accept_error(fd.get());
  if (error == net::AcceptError::out_of_resources) {
    unwatch();  // a level-triggered listener would spin
    paused_until_ = shard_.now() + kAcceptPause;
    shard_.not_accepting(NotAccepting::no_resources);
  }
  return error == net::AcceptError::that_client_only;
}

}  // namespace lastcall::proxy
