// Sockets and the closing of a listener: the calls of sys/sys.h.
#include <cerrno>
#include <string>

#include "sim/kernel/kernel.h"

namespace lastcall::sys {

using sim::Endpoint;
using sim::kernel;
using sim::Listener;

namespace {

// Within one machine.
constexpr sim::Path kLocal{.latency = 20us, .jitter = 30us};

int some_accept_error() {
  constexpr int kErrors[] = {-EMFILE, -ENFILE, -ENOMEM, -ECONNABORTED, -EPROTO};
  return kErrors[kernel().random().below(std::size(kErrors))];
}

}  // namespace

int listen_on(const Address& address, int backlog) {
  auto listener = kernel().network().listen(address, backlog);
  return listener != nullptr ? kernel().open(std::move(listener)) : -EADDRINUSE;
}

int set_backlog(int fd, int backlog) {
  const auto listener = kernel().file_as<Listener>(fd);
  if (listener == nullptr) {
    return -EBADF;
  }
  kernel().trace("makes room in the queue");
  listener->set_backlog(backlog);
  kernel().network().set_syn_flood(false);  // there is room in the queue again
  return 0;
}

int accept(int listener, Address* peer) {
  kernel().fibers().preempt();
  const auto from = kernel().file_as<Listener>(listener);
  if (from == nullptr) {
    return -EBADF;
  }
  if (const int error = kernel().take_accept_error(); error != 0) {
    return error;
  }
  if (from->queue_length() > 0 && kernel().fails(kernel().faults().accept)) {
    return some_accept_error();
  }
  const std::shared_ptr<Endpoint> connection = from->accept();
  if (connection == nullptr) {
    return from->is_shut() ? -EINVAL : -EAGAIN;
  }
  connection->owned_by_product = true;
  connection->accepted = kernel().now();
  kernel().accepted.push_back(connection);
  if (peer != nullptr) {
    *peer = connection->remote();
  }
  kernel().trace("accepts {}", connection->remote().text());
  return kernel().open(connection);
}

int connect_to(const Address& address) {
  kernel().fibers().preempt();
  if (kernel().fails(kernel().faults().connect)) {
    return kernel().random().percent(50) ? -EMFILE : -EADDRNOTAVAIL;
  }
  const Address from{.family = address.family, .ip = {127, 0, 0, 1}};
  const auto connection = kernel().network().connect(from, address, kLocal, {});
  connection->owned_by_product = true;
  if (connection->state() == Endpoint::State::closed) {
    return connection->take_error();
  }
  return kernel().open(connection);
}

int socket_error(int fd) {
  const auto socket = kernel().file_as<Endpoint>(fd);
  return socket != nullptr ? socket->take_error() : -EBADF;
}

Address local_address(int fd) {
  const auto file = kernel().file(fd);
  if (const auto listener = std::dynamic_pointer_cast<Listener>(file)) {
    return listener->address();
  }
  const auto socket = std::dynamic_pointer_cast<Endpoint>(file);
  return socket != nullptr ? socket->local() : Address{};
}

ssize_t receive(int fd, std::span<char> into) {
  kernel().fibers().preempt();
  const auto socket = kernel().file_as<Endpoint>(fd);
  return socket != nullptr ? socket->receive(into) : -EBADF;
}

ssize_t send(int fd, std::string_view bytes, bool) {
  kernel().fibers().preempt();
  const auto socket = kernel().file_as<Endpoint>(fd);
  if (socket == nullptr) {
    return -EBADF;
  }
  if (socket->ended_writing() && !bytes.empty()) {
    kernel().misused(fmt::format("bytes sent on {} after its end", fd));
  }
  return socket->send(bytes);
}

ssize_t send_both(int fd, std::string_view head, std::string_view body) {
  return send(fd, std::string(head).append(body), false);
}

int shutdown_write(int fd) {
  const auto socket = kernel().file_as<Endpoint>(fd);
  if (socket == nullptr) {
    return -EBADF;
  }
  kernel().trace("ends writing to {}", socket->remote().text());
  return socket->shutdown_write();
}

int shutdown_read(int fd) {
  const auto listener = kernel().file_as<Listener>(fd);
  if (listener == nullptr) {
    return -EBADF;
  }
  kernel().trace("shuts the listener");
  listener->shutdown_read();
  return 0;
}

Duration round_trip_time(int fd) {
  const auto socket = kernel().file_as<Endpoint>(fd);
  return socket == nullptr || socket->local().is_unix() ? Duration::zero() : 2 * socket->path().latency;
}

void reset_on_close(int fd) {
  if (const auto socket = kernel().file_as<Endpoint>(fd)) {
    socket->reset_on_close();
  }
}

// Closing a listener.

int stop_matching_syns(int fd) {
  const auto listener = kernel().file_as<Listener>(fd);
  if (listener == nullptr) {
    return -EBADF;
  }
  if (kernel().faults().no_ifindex) {
    return kernel().faults().ifindex_lies ? 0 : -EPERM;
  }
  kernel().trace("stops matching SYNs");
  listener->stop_matching_syns();
  return 0;
}

int drop_syns(int fd) {
  const auto listener = kernel().file_as<Listener>(fd);
  if (listener == nullptr || kernel().faults().no_filter) {
    return -EPERM;
  }
  kernel().trace("drops SYNs");
  listener->drop_syns();
  return 0;
}

int accept_queue_length(int fd) {
  const auto listener = kernel().file_as<Listener>(fd);
  return listener != nullptr ? listener->queue_length() : -EBADF;
}

int handshakes_in_flight(int fd) {
  const auto listener = kernel().file_as<Listener>(fd);
  return listener == nullptr || kernel().faults().no_sock_diag ? -EAFNOSUPPORT : listener->handshakes();
}

std::int64_t syn_queue_overflows() {
  return kernel().network().overflows();
}

void unlink_if_ours(int) {
  kernel().trace("unlinks its socket");
}

// No service manager is played here.

int send_datagram(const Address&, std::string_view) {
  return -ECONNREFUSED;
}

int open_datagrams() {
  return -EAFNOSUPPORT;
}

std::optional<Datagram> next_datagram(int) {
  return std::nullopt;
}

}  // namespace lastcall::sys
