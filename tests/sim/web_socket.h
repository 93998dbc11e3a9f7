// WebSocket: one end of an upgraded connection, the client's or the app's, scripted: says numbered messages,
// each in two pieces, answers a Close or does not, and keeps what it has heard. It has a reader of frames of
// its own, so that the product's is judged by another. It judges nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/scenario.h"

namespace lastcall::sim {

/// What one end has said and heard.
struct WebSocketLog {
  struct Close {
    std::uint16_t code;
    Time sent;  ///< by the other side
  };

  int said = 0;             ///< messages
  std::vector<Time> there;  ///< when each of them has come to the service whole
  bool closed = false;      ///< it has said Close
  int heard = 0;            ///< messages, each the next one and whole
  bool wrong = false;       ///< something else was heard: no frame, or not the next message
  bool torn = false;        ///< the end came in the midst of a frame
  bool was_reset = false;
  bool went_on = false;      ///< something came behind a Close
  bool gave_up = false;      ///< it left because its Close was not answered
  bool midway = false;       ///< it left in the midst of a message of its own
  std::optional<Time> left;  ///< before the other side had ended the connection
  std::vector<Close> closes;
  std::optional<Time> ended;            ///< of the connection, by the other side
  std::shared_ptr<Endpoint> other_end;  ///< the service's
};

/// Held by a shared_ptr: its timers hold it weakly.
class WebSocket final : public std::enable_shared_from_this<WebSocket> {
 public:
  enum class Role : std::uint8_t { client, app };

  /// `number`: of the tunnel; no two say the same.
  WebSocket(Kernel& kernel, std::shared_ptr<Endpoint> end, Role role, std::size_t number,
            const WebSocketPlan& plan, WebSocketLog& log);

  /// `first`: what came behind the handshake.
  void start(Segment first);

  /// Closes the connection without a word.
  void leave();

  [[nodiscard]] bool is_over() const { return over_; }

 private:
  struct Frame {
    std::uint8_t opcode;
    std::string payload;
  };

  void go_on();
  void hear(const Segment& segment);
  [[nodiscard]] std::optional<Frame> take_frame();
  void take(const Frame& frame, Time sent);
  void answer_close();
  void resume_reading();
  void lose_patience();
  void talk();
  void say_message();
  void say_close(std::uint16_t code);
  void say(std::string bytes);
  void flush();
  void after(Duration delay, void (WebSocket::*what)());

  [[nodiscard]] std::string frame(std::uint8_t opcode, std::string_view payload);
  [[nodiscard]] std::string message(Role of, int index) const;

  Kernel& kernel_;
  const std::shared_ptr<Endpoint> end_;
  const Role role_;
  const std::size_t number_;
  const WebSocketPlan& plan_;
  WebSocketLog& log_;
  std::string input_;
  std::string output_;
  std::string second_half_;                 ///< of the message that is being said
  std::optional<std::uint16_t> close_due_;  ///< to be said once it is
  bool reading_paused_ = false;
  bool over_ = false;
};

}  // namespace lastcall::sim
