// Endpoint: one end of a simulated connection: what has arrived and was not read, what is on its way, and how
// each direction has ended. Bytes travel in segments of random size, in order, and take the connection's
// latency; a full window stops the sender. Resets destroy what the peer has not read, as the strictest of
// systems does it. The product's ends are files; those of clients and of the app call a function.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/kernel/file.h"

namespace lastcall::sim {

/// What a connection is like, in both directions.
struct Path {
  Duration latency{};           ///< one way
  Duration jitter{};            ///< added to each segment, at random; order is kept
  std::size_t window = 65536;   ///< bytes on their way or unread, at most
  std::size_t segment = 16384;  ///< the longest one
};

struct Segment {
  std::string bytes;
  Time sent;
};

/// What connections need of the kernel.
struct Wire {
  Timeline& timeline;
  Fibers& fibers;
  Random& random;
};

class Endpoint final : public File, public std::enable_shared_from_this<Endpoint> {
 public:
  enum class State : std::uint8_t { connecting, open, closed };

  Endpoint(Wire wire, Path path, sys::Address local, sys::Address remote);

  static void join(const std::shared_ptr<Endpoint>& one, const std::shared_ptr<Endpoint>& other);

  /// Called at every change, for ends that are not the product's.
  void on_change(std::function<void()> told) { told_ = std::move(told); }

  // The calls of a socket; negative errnos.

  [[nodiscard]] ssize_t send(std::string_view bytes);
  [[nodiscard]] ssize_t receive(std::span<char> into);
  /// The next segment whole, for ends that want to know when it was sent.
  [[nodiscard]] std::optional<Segment> take_segment();
  int shutdown_write();
  /// Finishes the connection, or resets it if bytes are unread or reset_on_close() was called.
  void close();

  void reset_on_close() { resets_ = true; }

  /// The pending error, taken.
  [[nodiscard]] int take_error();

  // From the handshake.

  /// False: it was closed meanwhile.
  bool established();
  void refused(int error);
  /// A reset has arrived.
  void was_reset();

  /// The first bytes or the end that arrive call it once: they carry the handshake's last ACK.
  void on_first_arrival(std::function<void()> told) { first_arrival_ = std::move(told); }

  [[nodiscard]] bool awaits_first_arrival() const { return first_arrival_ != nullptr; }

  // What it looks like.

  [[nodiscard]] std::uint32_t readiness() const override;

  void closed() override { close(); }

  [[nodiscard]] State state() const { return state_; }

  [[nodiscard]] const Path& path() const { return path_; }

  [[nodiscard]] const sys::Address& local() const { return local_; }

  [[nodiscard]] const sys::Address& remote() const { return remote_; }

  [[nodiscard]] bool at_end() const { return end_arrived_ && unread_.empty(); }

  [[nodiscard]] bool reset_arrived() const { return reset_; }

  /// When we ended our direction, if we did: by shutdown, close or reset.
  [[nodiscard]] std::optional<Time> ended_writing() const { return ended_writing_; }

  /// When that arrives at the peer.
  [[nodiscard]] std::optional<Time> arrival_of_end() const { return arrival_of_end_; }

  /// When the first byte of the last send() arrives at the peer.
  [[nodiscard]] Time arrival_of_last_send() const { return arrival_of_last_send_; }

  /// When the last byte of everything sent so far does.
  [[nodiscard]] Time last_arrival() const { return last_arrival_; }

  [[nodiscard]] const std::shared_ptr<Endpoint>& peer() const { return peer_; }

  /// The two ends forget each other; for the end of the world.
  void part() { peer_.reset(); }

  bool owned_by_product = false;
  std::optional<Time> accepted;  ///< by the product
  bool call_failed = false;      ///< a call for it was failed on purpose

 private:
  [[nodiscard]] std::size_t room() const;
  void tell(std::uint32_t events);
  void deliver(std::function<void(Endpoint&)> what);
  void arrive(Segment segment);
  void end_arrives();
  void consumed();
  void room_again();
  void end_writing();
  void forget_unread();

  Wire wire_;
  const Path path_;
  const sys::Address local_;
  const sys::Address remote_;
  std::shared_ptr<Endpoint> peer_;
  std::function<void()> told_;
  std::function<void()> first_arrival_;
  State state_ = State::connecting;
  std::deque<Segment> unread_;
  std::size_t unread_bytes_ = 0;
  std::size_t on_the_way_ = 0;  ///< sent by us and not yet arrived
  Time last_arrival_{};         ///< at the peer: what follows arrives no earlier
  Time arrival_of_last_send_{};
  std::optional<Time> ended_writing_;
  std::optional<Time> arrival_of_end_;
  int error_ = 0;
  bool wants_room_ = false;
  bool end_arrived_ = false;
  bool reset_ = false;
  bool resets_ = false;
};

}  // namespace lastcall::sim
