// WebSocketTunnel: one upgraded connection, followed from frame to frame in both directions, and how far its
// closing handshakes have come, with the client and with the app (RFC 6455 §7.1, LC206). Sans-I/O: keeps no
// payload and sends nothing; that is the Exchange's work. Belongs to one shard.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/websocket.h"

namespace lastcall::proxy {

class WebSocketTunnel {
 public:
  /// What becomes of the first `size` bytes of what was read.
  struct Passage {
    std::size_t size;
    bool relayed;  ///< else dropped: nothing may follow a Close
  };

  /// To be asked again for what is left of `in`, with what is_close_due() asks for done before.
  [[nodiscard]] Passage from_app(std::string_view in);

  /// All of it is relayed.
  void from_client(std::string_view in);

  /// The app's side has ended, with a Close or without. `client_is_there`: the client's has not.
  void app_ended(bool client_is_there);

  /// It has ended without one, and nobody had said Close: there is nobody left for the client to answer.
  [[nodiscard]] bool has_app_vanished() const { return vanished_; }

  /// Both sides are to be closed from now on, the client's first.
  void end() { ending_ = true; }

  [[nodiscard]] bool ending() const { return ending_; }

  /// A Close frame for the client belongs here, between two frames of the app's.
  [[nodiscard]] bool is_close_due() const;

  /// Or the end itself: nothing can stand behind that either.
  void close_sent() { client_told_ = true; }

  /// What the app still sends goes nowhere.
  [[nodiscard]] bool drops_app_bytes() const { return ending_ && client_told_; }

  /// The client has got a Close, ours or the app's.
  [[nodiscard]] bool is_client_told() const { return client_told_; }

  /// The client's Close has come; it has been relayed.
  [[nodiscard]] bool has_client_answered() const { return client_closed_; }

  /// The client's Close is not awaited any longer. True: one of ours, masked, can take its place for the app.
  [[nodiscard]] bool give_up_on_client();

  [[nodiscard]] bool gave_up_on_client() const { return gave_up_; }

  /// Nothing is awaited from either side any more.
  [[nodiscard]] bool is_over() const;

  /// Both directions are frames. Else it is relayed as it is, for as long as it lasts.
  [[nodiscard]] bool is_followed() const { return !app_.lost && !client_.lost; }

 private:
  /// Frames of one direction.
  struct Direction {
    explicit Direction(http::FrameSender sender) : frames(sender, http::Extensions::any) {}

    /// Takes all of `in`; true if a Close came.
    bool follow(std::string_view in);
    /// Takes `in` up to the end of the present frame; returns how much. `closed` is set if that is a Close.
    std::size_t follow_frame(std::string_view in, bool& closed);

    http::FrameReader frames;
    bool lost = false;  ///< what came is no frame
  };

  Direction app_{http::FrameSender::server};
  Direction client_{http::FrameSender::client};
  bool ending_ = false;
  bool client_told_ = false;
  bool client_closed_ = false;
  bool gave_up_ = false;
  bool app_closed_ = false;  ///< its Close has come, or its end
  bool vanished_ = false;
};

}  // namespace lastcall::proxy
