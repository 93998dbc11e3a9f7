// SimulatedKernel: a second implementation of sys/sys.h, linked in place of the Linux one (see CMakeLists.txt
// beside this), for the branches of net/listener_close one by one: a listener, clients that knock at chosen
// instants, a clock moved by hand, and faults on demand; no packet, descriptor or thread is real. For whole
// shutdowns there is sim/kernel. The calls of sys:: reach the one kernel alive; a second at the same time is
// a bug.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sys/sys.h"

namespace lastcall::testing {

class SimulatedKernel {
 public:
  static constexpr int kListener = 3;

  /// What became of a client. `reset` is what nobody may see.
  enum class Fate : std::uint8_t { pending, refused, dropped, accepted, reset };

  /// How the kernel remembers a handshake: by an entry that sock_diag shows, or by cookie, without a trace.
  enum class Handshake : std::uint8_t { entry, cookie };

  /// What calls answer instead of doing their work: negative errnos, or 0.
  struct Faults {
    int stop_matching_syns = 0;
    int drop_syns = 0;
    int handshakes_in_flight = 0;
    int accept_queue_length = 0;
    std::deque<int> accept{};  ///< the next calls, one each
    int connect = -EINPROGRESS;
    int socket_error = -ECONNREFUSED;
  };

  explicit SimulatedKernel(const sys::Address& address);
  ~SimulatedKernel();
  SimulatedKernel(const SimulatedKernel&) = delete;
  SimulatedKernel& operator=(const SimulatedKernel&) = delete;

  /// A client's SYN arrives at `when`, the ACK that ends its handshake a `round_trip` later; or, on a Unix
  /// listener, it connects at `when`. Returns its number.
  std::size_t knock(Time when, Duration round_trip, Handshake handshake = Handshake::entry);

  /// Moves the clock on; what is due by then arrives in order.
  void advance_to(Time when);

  [[nodiscard]] Fate fate(std::size_t client) const { return clients_[client].fate; }

  /// How many clients ended so.
  [[nodiscard]] std::size_t count(Fate fate) const;

  /// The calls that changed the listener, by name, in order.
  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

  Faults faults;

  // The kernel's side of the calls of sys/sys.h.
  [[nodiscard]] Time now() const { return now_; }

  [[nodiscard]] const sys::Address& address() const { return address_; }

  int stop_matching_syns();
  int drop_syns();
  int set_backlog();
  int shutdown_read();
  void unlink();
  int accept();
  [[nodiscard]] int accept_queue_length() const;
  [[nodiscard]] int handshakes_in_flight() const;
  void close(int fd);

 private:
  enum class Place : std::uint8_t { away, handshaking, queued, gone };

  struct Client {
    Time syn;
    Time ack;
    Handshake handshake;
    Place place = Place::away;
    Fate fate = Fate::pending;
  };

  void take_syn(Client& client) const;
  void take_ack(std::size_t client);
  static void end(Client& client, Fate fate);

  sys::Address address_;
  Time now_{1h};
  std::vector<Client> clients_;
  std::deque<std::size_t> accept_queue_;
  std::vector<std::string> calls_;
  bool bound_nowhere_ = false;
  bool filtered_ = false;
  bool shut_ = false;
  bool closed_ = false;
};

}  // namespace lastcall::testing
