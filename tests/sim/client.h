// Client: one scripted user of the service. It sends its requests one after the other, or all at once, on as
// few connections as the service lets it, and keeps for each what came of it. It judges nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/response_reader.h"
#include "sim/scenario.h"

namespace lastcall::sim {

/// What became of one request.
struct Outcome {
  enum class Kind : std::uint8_t {
    unsent,       ///< nobody was there to take it, or the client had left
    waiting,      ///< sent, and nothing has come yet
    answered,     ///< a whole response
    malformed,    ///< a response that is none
    broken_off,   ///< part of a response, and visibly not all of it
    unanswered,   ///< the connection ended before it
    reset,        ///< the same by a reset, with or without part of a response
    told_before,  ///< an earlier response on its connection had said that it would be the last
    abandoned,    ///< the client left
  };

  Kind kind = Kind::unsent;
  Time connected{};    ///< when its connection was made
  Time sent{};         ///< its first byte
  Time arrives{};      ///< that byte, at the service
  Time head_there{};   ///< its head's last byte, at the service
  bool first = false;  ///< on its connection
  Time ended{};        ///< the end of it, as the client saw it
  int status = 0;
  bool closes = false;
  bool retry_after = false;
  bool behind_others = false;  ///< an earlier one on its connection had not been answered when it was sent
  bool more_behind = false;    ///< further requests had been sent when its response came
  Time head_sent{};            ///< when the service sent the response's head
  Time whole_sent{};           ///< … and its last byte, or its end if that says where it ends
  std::string body;
  std::shared_ptr<Endpoint> service;  ///< its end of the connection
};

/// One connection, and how it went.
struct Connected {
  std::shared_ptr<Endpoint> ours;
  std::optional<Time> connected;
  Time last_used{};  ///< when the last response's last byte was sent
  std::optional<Time> refused_at;
  bool was_reset = false;
  bool ended_idle = false;  ///< by the service, with no request under way and none announced as the last
  bool bytes_after_close = false;  ///< something came behind a response that said it was the last
};

class Client {
 public:
  /// `number`: of the scenario's clients, and the port it comes from.
  Client(Kernel& kernel, const Scenario& scenario, std::size_t number, sys::Address service,
         std::vector<Outcome>& outcomes);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start();

  [[nodiscard]] const ClientPlan& plan() const { return plan_; }

  [[nodiscard]] const std::vector<Connected>& connections() const { return connections_; }

 private:
  void connect();
  void go_on();
  void connected();
  [[nodiscard]] Duration pause() const;
  void send_next();
  void send_request(std::uint32_t number);
  void flush();
  void read();
  void resume_reading();
  void take(const Segment& segment);
  void response_over(Time sent);
  void connection_over();
  void end_pending(bool reset);
  void leave();
  void hang_up();
  void after(Duration delay, void (Client::*what)());

  [[nodiscard]] Outcome& outcome(std::uint32_t number) { return outcomes_[number]; }

  Kernel& kernel_;
  const Scenario& scenario_;
  const ClientPlan& plan_;
  const sys::Address address_;
  const sys::Address service_;
  std::vector<Outcome>& outcomes_;
  std::vector<Connected> connections_;
  std::deque<std::uint32_t> unsent_;
  std::deque<std::uint32_t> pending_;  ///< sent on the present connection, not answered
  std::string output_;
  ResponseReader reader_;
  bool last_said_ = false;  ///< a response of this connection has said that it is the last
  bool used_ = false;       ///< a request has gone out on this connection
  bool reading_paused_ = false;
  bool over_ = true;         ///< there is no connection
  bool left_ = false;        ///< for good
  std::uint64_t epoch_ = 0;  ///< of connections: timers of an earlier one are void
};

}  // namespace lastcall::sim
