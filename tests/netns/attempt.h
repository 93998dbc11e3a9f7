// Attempt: one client's try: connect, send a request, read the answer, perhaps again on the same connection;
// and what became of it, judged by errno and bytes alone. It owns its socket; its owner tells it of events
// and of time. One thread.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "sys/sys.h"

namespace lastcall::netns {

/// How an attempt ended. Those from reset_connecting to hang mean that a client who had done nothing wrong
/// was failed.
enum class Outcome : std::uint8_t {
  ok,                ///< every request answered whole
  refused,           ///< connect() refused: it may try elsewhere
  closed_unasked,    ///< the server closed an idle connection before anything was sent on it
  reset_connecting,  ///< connect() failed with a reset
  reset,             ///< a reset after connect() had succeeded
  eof,               ///< the connection ended after a request was sent, without a byte of its answer
  truncated,         ///< it ended in the middle of an answer
  bad_status,        ///< an answer other than 200
  hang,              ///< no answer, and no end either
  unanswered,        ///< the handshake was never answered: its SYN was dropped
  late,              ///< failed, but this machine was too slow to send the request when it was planned
  other,             ///< an error of the client's own side
};

inline constexpr int kOutcomes = 12;

[[nodiscard]] std::string_view to_string(Outcome outcome);

class Attempt {
 public:
  struct Plan {
    int requests = 1;  ///< on one connection, one after the other
    Time send_at{};    ///< the first request goes out then, or at once when it is connected later
    std::function<Duration()> think{};  ///< from an answer to the next request; none: at once
  };

  Attempt(const sys::Address& target, const Plan& plan);

  /// The socket to watch, edge-triggered for reading, writing and the peer's close; negative when it ended at
  /// once.
  [[nodiscard]] int fd() const { return fd_.get(); }

  /// Goes as far as it can.
  void advance(Time now);

  /// When it is to send its next request; Time::max() when it only waits for the server.
  [[nodiscard]] Time wake_at() const;

  /// Sends the first request of a silent attempt at another time.
  void send_at(Time when) { plan_.send_at = when; }

  /// Ends it here: nothing more is to be expected of the server.
  void give_up();

  [[nodiscard]] bool ended() const { return state_ == State::ended; }

  [[nodiscard]] Outcome outcome() const { return outcome_; }

  /// Whether connect() succeeded.
  [[nodiscard]] bool connected() const { return connected_; }

  [[nodiscard]] bool connecting() const { return state_ == State::connecting; }

  [[nodiscard]] int asked() const { return asked_; }

  [[nodiscard]] int answered() const { return answered_; }

  /// How much later than planned the first request was sent.
  [[nodiscard]] Duration lateness() const { return lateness_; }

 private:
  enum class State : std::uint8_t { connecting, resting, waiting, ended };

  void finish_connect();
  void send_request();
  void read_answer();
  void judge_end(ssize_t got);
  void take_answer();
  void ask_again();
  void end(Outcome outcome);

  Plan plan_;
  sys::UniqueFd fd_;
  State state_ = State::connecting;
  Outcome outcome_ = Outcome::other;
  bool connected_ = false;
  int asked_ = 0;
  int answered_ = 0;
  Duration lateness_{};
  std::string answer_;
};

}  // namespace lastcall::netns
