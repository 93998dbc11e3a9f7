#include "testing/simulated_kernel.h"

#include <algorithm>
#include <errno.h>
#include <tuple>

#include "base/assert.h"

namespace lastcall::testing {
namespace {

SimulatedKernel* alive = nullptr;

SimulatedKernel& kernel() {
  LASTCALL_ASSERT(alive != nullptr);
  return *alive;
}

constexpr int kOtherDescriptor = 1000;

}  // namespace

SimulatedKernel::SimulatedKernel(const sys::Address& address) : address_(address) {
  LASTCALL_ASSERT(alive == nullptr);
  alive = this;
}

SimulatedKernel::~SimulatedKernel() {
  alive = nullptr;
}

std::size_t SimulatedKernel::knock(Time when, Duration round_trip, Handshake handshake) {
  clients_.push_back({.syn = when, .ack = when + round_trip, .handshake = handshake});
  return clients_.size() - 1;
}

void SimulatedKernel::advance_to(Time when) {
  LASTCALL_ASSERT(when >= now_);

  struct Packet {
    Time due;
    std::size_t client;
    bool syn;
  };

  std::vector<Packet> packets;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    packets.push_back({clients_[i].syn, i, true});
    packets.push_back({clients_[i].ack, i, false});
  }
  std::erase_if(packets, [&](const Packet& packet) { return packet.due <= now_ || packet.due > when; });
  std::ranges::sort(packets, {},
                    [](const Packet& packet) { return std::tuple(packet.due, packet.client, !packet.syn); });
  for (const Packet& packet : packets) {
    if (packet.syn) {
      take_syn(clients_[packet.client]);
    } else {
      take_ack(packet.client);
    }
  }
  now_ = when;
}

void SimulatedKernel::take_syn(Client& client) const {
  if (filtered_ && !closed_) {
    end(client, Fate::dropped);
  } else if (closed_ || bound_nowhere_ || shut_) {
    end(client, Fate::refused);
  } else {
    client.place = Place::handshaking;
  }
}

void SimulatedKernel::take_ack(std::size_t client) {
  Client& it = clients_[client];
  if (it.place != Place::handshaking) {
    return;
  }
  if (closed_ || (bound_nowhere_ && it.handshake == Handshake::cookie)) {
    end(it, Fate::reset);
    return;
  }
  it.place = Place::queued;
  accept_queue_.push_back(client);
}

void SimulatedKernel::end(Client& client, Fate fate) {
  client.place = Place::gone;
  client.fate = fate;
}

std::size_t SimulatedKernel::count(Fate fate) const {
  return static_cast<std::size_t>(std::ranges::count(clients_, fate, &Client::fate));
}

int SimulatedKernel::stop_matching_syns() {
  calls_.emplace_back("stop_matching_syns");
  bound_nowhere_ = faults.stop_matching_syns == 0;
  return faults.stop_matching_syns;
}

int SimulatedKernel::drop_syns() {
  calls_.emplace_back("drop_syns");
  filtered_ = faults.drop_syns == 0;
  return faults.drop_syns;
}

int SimulatedKernel::set_backlog() {
  calls_.emplace_back("set_backlog");
  return 0;
}

int SimulatedKernel::shutdown_read() {
  calls_.emplace_back("shutdown_read");
  shut_ = true;
  return 0;
}

void SimulatedKernel::unlink() {
  calls_.emplace_back("unlink");
}

int SimulatedKernel::accept() {
  if (!faults.accept.empty()) {
    const int error = faults.accept.front();
    faults.accept.pop_front();
    return error;
  }
  if (accept_queue_.empty()) {
    return shut_ ? -EINVAL : -EAGAIN;
  }
  end(clients_[accept_queue_.front()], Fate::accepted);
  accept_queue_.pop_front();
  return kOtherDescriptor;
}

int SimulatedKernel::accept_queue_length() const {
  return faults.accept_queue_length != 0 ? faults.accept_queue_length
                                         : static_cast<int>(accept_queue_.size());
}

int SimulatedKernel::handshakes_in_flight() const {
  if (faults.handshakes_in_flight != 0) {
    return faults.handshakes_in_flight;
  }
  return static_cast<int>(std::ranges::count_if(clients_, [](const Client& client) {
    return client.place == Place::handshaking && client.handshake == Handshake::entry;
  }));
}

void SimulatedKernel::close(int fd) {
  if (fd != kListener) {
    return;
  }
  calls_.emplace_back("close");
  closed_ = true;
  for (const std::size_t client : accept_queue_) {
    end(clients_[client], Fate::reset);
  }
  accept_queue_.clear();
}

}  // namespace lastcall::testing

namespace lastcall::sys {

using testing::kernel;
using testing::kOtherDescriptor;

void close_fd(int fd) {
  kernel().close(fd);
}

int listen_on(const Address&, int) {
  return kOtherDescriptor;
}

int set_backlog(int, int) {
  return kernel().set_backlog();
}

int accept(int, Address*) {
  return kernel().accept();
}

int connect_to(const Address&) {
  return kernel().faults.connect == -EINPROGRESS ? kOtherDescriptor : kernel().faults.connect;
}

int socket_error(int) {
  return kernel().faults.socket_error;
}

Address local_address(int) {
  return kernel().address();
}

int shutdown_read(int) {
  return kernel().shutdown_read();
}

int poller_create() {
  return kOtherDescriptor;
}

int poller_add(int, int, std::uint32_t, void*) {
  return 0;
}

int poller_wait(int, std::span<ReadyEvent>, Duration) {
  return 1;
}

int stop_matching_syns(int) {
  return kernel().stop_matching_syns();
}

int drop_syns(int) {
  return kernel().drop_syns();
}

int accept_queue_length(int) {
  return kernel().accept_queue_length();
}

int handshakes_in_flight(int) {
  return kernel().handshakes_in_flight();
}

void unlink_if_ours(int) {
  kernel().unlink();
}

}  // namespace lastcall::sys
