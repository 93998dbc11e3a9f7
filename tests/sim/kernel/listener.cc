#include "sim/kernel/listener.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lastcall::sim {
namespace {

constexpr Duration kFirstRetransmission = 1s;
constexpr int kMostSyns = 4;

}  // namespace

Listener::Listener(Wire wire, sys::Address address, int backlog)
    : wire_(wire), address_(std::move(address)), backlog_(static_cast<std::size_t>(backlog)) {}

Listener::Syn Listener::syn(const std::shared_ptr<Endpoint>& ours, bool by_cookie) {
  if (filtered_ && is_open()) {
    return Syn::dropped;
  }
  if (!is_open() || bound_nowhere_ || shut_) {
    return Syn::refused;
  }
  if (queue_.size() > backlog_) {
    return Syn::dropped;
  }
  handshakes_.push_back({ours, by_cookie});
  return Syn::answered;
}

void Listener::ack(const std::shared_ptr<Endpoint>& ours) {
  const auto found = std::ranges::find(handshakes_, ours, &Handshake::ours);
  if (found == handshakes_.end()) {
    return;  // it has come before, with the first bytes
  }
  const bool finds_nobody = !is_open() || (bound_nowhere_ && found->by_cookie);
  handshakes_.erase(found);
  if (finds_nobody) {
    ours->reset_on_close();
    ours->close();
    return;
  }
  queue_.push_back(ours);
  if (told_) {
    told_();
  } else {
    changed(wire_.fibers, sys::kReadable);
  }
}

std::shared_ptr<Endpoint> Listener::accept() {
  if (queue_.empty()) {
    return nullptr;
  }
  std::shared_ptr<Endpoint> first = std::move(queue_.front());
  queue_.pop_front();
  return first;
}

void Listener::shutdown_read() {
  shut_ = true;
  changed(wire_.fibers, sys::kReadable | sys::kHangup);
}

int Listener::handshakes() const {
  return static_cast<int>(std::ranges::count(handshakes_, false, &Handshake::by_cookie));
}

std::uint32_t Listener::readiness() const {
  return (queue_.empty() ? 0 : sys::kReadable) | (shut_ ? sys::kReadable | sys::kHangup : 0);
}

// Who waits in the queue is reset, and so is, once its ACK comes, who is still in the handshake.
void Listener::close() {
  closed_at_ = wire_.timeline.now();
  for (const std::shared_ptr<Endpoint>& waiting : std::exchange(queue_, {})) {
    waiting->reset_on_close();
    waiting->close();
  }
}

Network::~Network() {
  for (const std::shared_ptr<Endpoint>& end : ends_) {
    end->part();
  }
}

std::shared_ptr<Listener> Network::find(const sys::Address& address) const {
  for (const std::weak_ptr<Listener>& candidate : listeners_) {
    const std::shared_ptr<Listener> listener = candidate.lock();
    if (listener != nullptr && listener->is_open() && listener->address() == address) {
      return listener;
    }
  }
  return nullptr;
}

std::shared_ptr<Listener> Network::listen(sys::Address address, int backlog) {
  if (!address.is_unix() && address.port == 0) {
    address.port = next_port_++;
  }
  if (find(address) != nullptr) {
    return nullptr;
  }
  auto listener = std::make_shared<Listener>(wire_, std::move(address), backlog);
  listeners_.push_back(listener);
  return listener;
}

std::shared_ptr<Endpoint> Network::connect(const sys::Address& from, const sys::Address& to, Path path,
                                           Losses losses) {
  Attempt attempt{.client = std::make_shared<Endpoint>(wire_, path, from, to),
                  .server = std::make_shared<Endpoint>(wire_, path, to, from),
                  .losses = losses};
  Endpoint::join(attempt.client, attempt.server);
  attempt.server->established();
  ends_.push_back(attempt.client);
  ends_.push_back(attempt.server);
  if (to.is_unix()) {
    connect_unix(attempt);
  } else {
    send_syn(attempt);
  }
  return attempt.client;
}

void Network::connect_unix(const Attempt& attempt) {
  const std::shared_ptr<Listener> listener = find(attempt.client->remote());
  const Listener::Syn answer = listener ? listener->syn(attempt.server, false) : Listener::Syn::refused;
  if (answer != Listener::Syn::answered) {
    attempt.client->refused(answer == Listener::Syn::dropped ? -EAGAIN : -ECONNREFUSED);
    return;
  }
  attempt.client->established();
  listener->ack(attempt.server);
}

// A SYN that is lost or dropped is sent again after one second, then two, then four.
void Network::send_syn(Attempt attempt) {
  const Duration retransmission = kFirstRetransmission * (1 << attempt.syns);
  if (++attempt.syns > kMostSyns) {
    attempt.client->refused(-ETIMEDOUT);
    return;
  }
  const bool lost = wire_.random.percent(attempt.losses.syn);
  wire_.timeline.after(attempt.client->path().latency, [this, attempt, lost, retransmission] {
    const std::shared_ptr<Listener> listener = find(attempt.client->remote());
    Listener::Syn answer = Listener::Syn::dropped;
    if (!lost) {
      overflows_ += flood_ ? 1 : 0;
      answer = listener ? listener->syn(attempt.server, flood_) : Listener::Syn::refused;
    }
    if (answer == Listener::Syn::dropped) {
      wire_.timeline.after(retransmission, [this, attempt] { send_syn(attempt); });
    } else if (answer == Listener::Syn::refused) {
      wire_.timeline.after(attempt.client->path().latency,
                           [client = attempt.client] { client->refused(-ECONNREFUSED); });
    } else {
      answer_syn(attempt);
    }
  });
}

// Once the SYN-ACK is there, connect() has succeeded. A lost ACK is made good by the first bytes, or by the
// answer to a SYN-ACK that is sent again.
void Network::answer_syn(const Attempt& attempt) {
  const std::weak_ptr<Listener> listener = find(attempt.client->remote());
  const auto ack = [listener, server = attempt.server] {
    if (const std::shared_ptr<Listener> still = listener.lock()) {
      still->ack(server);
    } else {
      server->reset_on_close();
      server->close();
    }
  };
  attempt.server->on_first_arrival(ack);
  const auto ack_alone = [ack, server = attempt.server] {
    if (server->awaits_first_arrival()) {
      server->on_first_arrival(nullptr);
      ack();
    }
  };
  const Duration latency = attempt.client->path().latency;
  const bool lost = wire_.random.percent(attempt.losses.ack);
  wire_.timeline.after(latency, [this, attempt, ack_alone, latency, lost] {
    if (!attempt.client->established()) {
      attempt.server->was_reset();
    }
    wire_.timeline.after(lost ? kFirstRetransmission + 2 * latency : latency, ack_alone);
  });
}

}  // namespace lastcall::sim
