// Downstream: one client's connection, from accept to the end of its lingering close. Reads request heads,
// hands each to an Exchange, and decides when the connection may end. Belongs to one shard for life.
// downstream_answers.cc: what it answers without one.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "drain/gate.h"
#include "http/head.h"
#include "net/bytes.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/timeouts.h"
#include "proxy/answers.h"

namespace lastcall::proxy {

class Exchange;
class Shard;

/// What had been said to the world when a connection was accepted.
enum class Epoch : std::uint8_t { serving, unready, announced };

class Downstream final : public net::Handler, public net::TimeoutNode {
 public:
  enum class State : std::uint8_t {
    silent,     ///< accepted, has not sent a byte
    idle,       ///< between requests
    head,       ///< has sent part of a head
    exchange,   ///< a request is being served, until the last byte of its response is delivered
    answered,   ///< our own answer is on its way, after which the connection ends
    lingering,  ///< we have half-closed; what still comes in is discarded
    closed,
  };

  Downstream(Shard& shard, sys::UniqueFd fd, const sys::Address& client, drain::Permit permit);
  ~Downstream() override;

  void on_events(std::uint32_t events) override;

  /// Reads and handles what is waiting, as far as somebody takes it.
  void pump();

  // For its Exchange.

  /// Sends response bytes. `last`: exchange_done(false) follows once all are gone. False: the client is gone.
  [[nodiscard]] bool send(std::string_view head, std::string_view body, bool last);

  [[nodiscard]] std::size_t unsent() const { return stream_.unsent(); }

  /// It has not always taken at once what was sent.
  [[nodiscard]] bool slow() const { return slow_; }

  /// A further request may be waiting behind the present one.
  [[nodiscard]] bool has_leftover() const { return !input_.empty() || stream_.readable(); }

  /// The exchange is over and its response delivered.
  void exchange_done(bool keep_alive);

  /// The exchange is over; `response`, one of our own, takes the place of the app's.
  void exchange_failed(std::string_view response);

  /// The exchange is over and its response was broken off. `reset`: only a reset tells the client so.
  void exchange_broken(bool reset);

  /// The client is gone without an answer.
  void broken();

  /// The app takes body bytes again: from now on the client is to bring them.
  void start_body_window() { restart_timeout(); }

  /// The other side of a tunnel has ended.
  void finish_writing() { sys::shutdown_write(stream_.fd()); }

  [[nodiscard]] std::string_view client() const { return {client_, client_length_}; }

  // For its Shard.

  [[nodiscard]] State state() const { return state_; }

  [[nodiscard]] Exchange* exchange() const { return exchange_.get(); }

  /// What the present state allows is over.
  void timed_out();

  /// Ends an idle connection, unless a request has arrived meanwhile (RFC 9112 §9.5).
  void end_idle();

  /// Cuts what is left, at once (LC303).
  void cut(std::string_view reason);

  /// Closes it, whatever stands.
  void close();

  [[nodiscard]] Duration round_trip_time() const { return sys::round_trip_time(stream_.fd()); }

  std::size_t slot = 0;  ///< where the shard keeps it
  bool queued = false;   ///< stands in the shard's queue of connections to pump again

 private:
  void enter(State state);
  [[nodiscard]] bool watch();
  [[nodiscard]] bool only_awaits_app() const;
  void restart_timeout();
  [[nodiscard]] bool is_gone(std::uint32_t events) const;
  [[nodiscard]] bool takes_input() const;
  [[nodiscard]] bool holds_empty_line() const;
  [[nodiscard]] std::size_t read_size() const;
  [[nodiscard]] bool may_complete_head(std::string_view fresh) const;
  [[nodiscard]] std::string_view join_input(std::string_view fresh);
  void take(std::string_view in);
  void take_head(std::string_view in);
  void take_request(const http::RequestHead& head, std::string_view in);
  [[nodiscard]] bool answered_here(const http::RequestHead& head, std::string_view in);
  void refuse_request(const http::RequestHead* head, std::string_view in);
  void turn_away(Answer answer, const http::RequestHead* head, std::string_view in);
  void answer(std::string_view response);
  void discard();
  void input_ended();
  void output_moved();
  [[nodiscard]] bool nothing_follows();
  void half_close();
  void end_exchange();

  Shard& shard_;
  net::Stream stream_;
  net::Bytes input_;
  std::unique_ptr<Exchange> exchange_;
  drain::Permit permit_;
  Time linger_until_{};
  State state_ = State::silent;
  Epoch born_;                 ///< after the announcement: its first request is a redial (LC104)
  bool silent_so_far_ = true;  ///< no request has come yet
  bool slow_ = false;
  bool ended_idle_ = false;     ///< we half-closed it while it was idle
  bool client_closes_ = false;  ///< the client has said and shown that it sends nothing further
  std::uint8_t client_length_;
  char client_[46];
};

static_assert(sizeof(Downstream) <= 256, "what an idle connection costs");

}  // namespace lastcall::proxy
