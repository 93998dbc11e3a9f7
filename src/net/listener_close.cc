#include "net/listener_close.h"

#include <algorithm>
#include <errno.h>

#include "base/assert.h"
#include "net/accept_error.h"

namespace lastcall::net {
namespace {

// The largest backlog that listen() takes; the kernel lowers it to net.core.somaxconn.
constexpr int kLargestBacklog = 65535;

// How often to look: one look walks the kernel's whole table of connections, about 1 ms.
constexpr Duration kInterval = 50ms;

// Empty twice in a row: a SYN that another processor is just looking up shows in the second look.
constexpr int kEmptyLooks = 2;

// Longer than the first retransmission of a SYN-ACK (1 s): what is not answered by then was lost twice.
constexpr Duration kBlindWait = 1200ms;

// A handshake by cookie leaves no trace to look at. With room in the queue again no new one arises, and the
// last have ended after a retransmission and a round trip.
constexpr Duration kCookieWait = 1500ms;

}  // namespace

ListenerClose::ListenerClose(int listener, const Options& options, Time now)
    : listener_(listener), options_(options), since_(now), min_wait_(options.min_wait) {
  if (options.shared) {
    method_ = Method::shared;
    return;
  }
  if (sys::local_address(listener).is_unix()) {
    method_ = Method::unix_socket;
    sys::shutdown_read(listener);
    return;
  }
  close_tcp(now);
}

// The ACK that ends a handshake by cookie has to find the listener, which SO_BINDTOIFINDEX hides from it:
// only the filter lets it through. Where that is not allowed, a while with room in the queue lets the cookies
// in flight run out first.
void ListenerClose::close_tcp(Time now) {
  if (!options_.overflowed_lately) {
    stop_new_connections(now);
    return;
  }
  sys::set_backlog(listener_, kLargestBacklog);
  if (sys::drop_syns(listener_) == 0) {
    wait_for_handshakes(Method::filter, kCookieWait, now);
    return;
  }
  stage_ = Stage::accepting;
}

void ListenerClose::stop_new_connections(Time now) {
  if (options_.ifindex_works && sys::stop_matching_syns(listener_) == 0) {
    wait_for_handshakes(Method::ifindex, options_.min_wait, now);
  } else if (sys::drop_syns(listener_) == 0) {
    wait_for_handshakes(Method::filter, options_.min_wait, now);
  } else {
    wait_for_handshakes(Method::quiet_period, kBlindWait, now);
  }
}

void ListenerClose::wait_for_handshakes(Method method, Duration min_wait, Time now) {
  method_ = method;
  stage_ = Stage::waiting;
  since_ = now;
  min_wait_ = std::max(min_wait_, min_wait);
  found_ = std::max(0, sys::handshakes_in_flight(listener_));
}

void ListenerClose::allow_round_trip(Duration rtt) {
  min_wait_ = std::max(min_wait_, 2 * rtt);
}

std::optional<Time> ListenerClose::step(Time now) {
  switch (stage_) {
    case Stage::accepting:
      if (now < since_ + kCookieWait) {
        return since_ + kCookieWait;
      }
      stop_new_connections(now);
      return look(now);
    case Stage::waiting:
      return look(now);
    case Stage::done:
      break;
  }
  return std::nullopt;
}

std::optional<Time> ListenerClose::look(Time now) {
  const Time end = since_ + options_.cap;
  const Time earliest = std::min(since_ + min_wait_, end);
  if (now < earliest) {
    return earliest;
  }
  const int handshakes = sys::handshakes_in_flight(listener_);
  if (handshakes < 0) {
    return wait_blindly(now);
  }
  const bool empty = handshakes == 0 && sys::accept_queue_length(listener_) <= 0;
  empty_looks_ = empty ? empty_looks_ + 1 : 0;
  if (empty_looks_ == kEmptyLooks) {
    return done();
  }
  if (now >= end) {
    return done();
  }
  return std::min(now + kInterval, end);
}

std::optional<Time> ListenerClose::wait_blindly(Time now) {
  const Time end = since_ + std::min(std::max(min_wait_, kBlindWait), options_.cap);
  return now < end ? std::optional(end) : done();
}

std::optional<Time> ListenerClose::done() {
  stage_ = Stage::done;
  return std::nullopt;
}

void ListenerClose::finish(sys::UniqueFd listener,
                           const std::function<void(sys::UniqueFd, const sys::Address&)>& on_accept) {
  LASTCALL_ASSERT(listener.get() == listener_);
  if (method_ == Method::shared) {
    return;
  }
  for (int i = 0; i < kLargestBacklog; ++i) {
    sys::Address peer;
    const int accepted = sys::accept(listener_, &peer);
    if (accepted >= 0) {
      on_accept(sys::UniqueFd(accepted), peer);
    } else if (classify_accept_error(accepted) != AcceptError::that_client_only) {
      break;
    }
  }
  if (method_ == Method::unix_socket) {
    sys::unlink_if_ours(listener_);
    return;
  }
  left_ =
      std::max(0, sys::handshakes_in_flight(listener_)) + std::max(0, sys::accept_queue_length(listener_));
}

bool ListenerClose::self_test() {
  sys::Address loopback{.family = sys::Address::Family::ipv4, .ip = {127, 0, 0, 1}};
  const sys::UniqueFd listener(sys::listen_on(loopback, 1));
  if (!listener || sys::stop_matching_syns(listener.get()) != 0) {
    return false;
  }
  const int attempt = sys::connect_to(sys::local_address(listener.get()));
  if (attempt < 0) {
    return attempt == -ECONNREFUSED;
  }
  const sys::UniqueFd client(attempt);
  const sys::UniqueFd poller(sys::poller_create());
  sys::poller_add(poller.get(), client.get(), sys::kWritable, nullptr);
  sys::ReadyEvent answer[1];
  return sys::poller_wait(poller.get(), answer, 100ms) == 1 &&
         sys::socket_error(client.get()) == -ECONNREFUSED;
}

std::string_view to_string(ListenerClose::Method method) {
  constexpr std::string_view kNames[] = {"shared", "unix", "bindtoifindex", "filter", "quiet period"};
  return kNames[static_cast<std::uint8_t>(method)];
}

}  // namespace lastcall::net
