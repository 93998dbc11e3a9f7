// Listener: a simulated listening socket: handshakes in flight, the queue of those that wait to be accepted,
// and what the calls that close it without a reset do to both. Network: who listens where, and how clients
// get there.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim/kernel/endpoint.h"

namespace lastcall::sim {

class Listener final : public File, public std::enable_shared_from_this<Listener> {
 public:
  Listener(Wire wire, sys::Address address, int backlog);

  [[nodiscard]] const sys::Address& address() const { return address_; }

  [[nodiscard]] bool is_open() const { return !closed_at_; }

  [[nodiscard]] std::optional<Time> closed_at() const { return closed_at_; }

  // What arrives.

  enum class Syn : std::uint8_t { answered, refused, dropped };

  /// A client's SYN, or its connect to a Unix socket.
  Syn syn(const std::shared_ptr<Endpoint>& ours, bool by_cookie);
  /// The ACK that ends the handshake: the connection waits to be accepted, or is reset.
  void ack(const std::shared_ptr<Endpoint>& ours);

  // The kernel's side of the calls.

  /// Null if none waits.
  std::shared_ptr<Endpoint> accept();

  void set_backlog(int backlog) { backlog_ = static_cast<std::size_t>(backlog); }

  void stop_matching_syns() { bound_nowhere_ = true; }

  void drop_syns() { filtered_ = true; }

  void shutdown_read();

  [[nodiscard]] bool is_shut() const { return shut_; }

  [[nodiscard]] int queue_length() const { return static_cast<int>(queue_.size()); }

  [[nodiscard]] int handshakes() const;

  /// For listeners that are not the product's.
  void on_change(std::function<void()> told) { told_ = std::move(told); }

  [[nodiscard]] std::uint32_t readiness() const override;

  void closed() override { close(); }

  void close();

 private:
  struct Handshake {
    std::shared_ptr<Endpoint> ours;
    bool by_cookie;  ///< it left no trace here
  };

  Wire wire_;
  const sys::Address address_;
  std::size_t backlog_;
  std::deque<std::shared_ptr<Endpoint>> queue_;
  std::vector<Handshake> handshakes_;
  std::function<void()> told_;
  std::optional<Time> closed_at_;
  bool bound_nowhere_ = false;
  bool filtered_ = false;
  bool shut_ = false;
};

class Network {
 public:
  /// What goes wrong on the way, in percent.
  struct Losses {
    int syn = 0;  ///< lost, and sent again a second later
    int ack = 0;
  };

  explicit Network(Wire wire) : wire_(wire) {}

  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// Null if somebody listens there already. Port 0 becomes a free one.
  std::shared_ptr<Listener> listen(sys::Address address, int backlog);

  /// Starts a connect; the end that is returned tells how it goes on. Unix: it is over at once.
  std::shared_ptr<Endpoint> connect(const sys::Address& from, const sys::Address& to, Path path,
                                    Losses losses);

  /// As while a SYN queue runs over: handshakes go by cookie, and the kernel counts it.
  void set_syn_flood(bool on) { flood_ = on; }

  [[nodiscard]] std::int64_t overflows() const { return overflows_; }

  [[nodiscard]] std::shared_ptr<Listener> find(const sys::Address& address) const;

 private:
  struct Attempt {
    std::shared_ptr<Endpoint> client;
    std::shared_ptr<Endpoint> server;
    Losses losses;
    int syns = 0;
  };

  void connect_unix(const Attempt& attempt);
  void send_syn(Attempt attempt);
  void answer_syn(const Attempt& attempt);

  Wire wire_;
  std::vector<std::weak_ptr<Listener>> listeners_;
  std::vector<std::shared_ptr<Endpoint>> ends_;
  std::uint16_t next_port_ = 32768;
  std::int64_t overflows_ = 0;
  bool flood_ = false;
};

}  // namespace lastcall::sim
