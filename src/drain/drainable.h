// Drainable: what the wrapper sees of the proxy, and all it may know of it. Called on the control thread
// only; every call returns at once, completions come back through the Observer, on the control thread too.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "drain/report.h"

namespace lastcall::drain {

/// Whether a balancer is to send anything here, told without a shutdown and taken back as easily.
enum class Rotation : std::uint8_t {
  in,
  unready,    ///< health paths answer 503
  announced,  ///< and responses carry `Connection: close`
};

class Drainable {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    /// A connection accepted after announce() brought a request (LC104); probes do not count.
    virtual void redialled() = 0;
    virtual void listener_closed() = 0;
    /// No connection can carry a request any more (LC105). Lingering closes may still be under way.
    virtual void drained() = 0;
    /// Nothing is left at all: the last lingering close is over.
    virtual void lingered() = 0;
  };

  virtual ~Drainable() = default;

  /// The app answers: held requests go out, new ones are no longer held.
  virtual void app_ready() = 0;

  /// The app is gone or about to go: whatever is not sent to it yet is answered 503 (LC208).
  virtual void app_gone() = 0;

  /// The same of an app that nobody here had asked to go: what it took along just before, even before t0,
  /// has failed.
  virtual void app_ended() = 0;

  /// Leaves the rotation, or comes back to it. The listener stays open, and a shutdown goes its own way.
  virtual void set_rotation(Rotation rotation) = 0;

  /// t0: health paths answer 503 and the counts of the report start.
  virtual void unready() = 0;

  /// Responses carry `Connection: close` from now on (LC203).
  virtual void announce() = 0;

  /// Closes the listener losslessly (LC201).
  virtual void close_listener() = 0;

  /// Ends idle connections by the idle policy (LC204), WebSockets and event streams spread over a part of the
  /// time until `deadline` (LC206, LC207). What is left then is cut() by the caller.
  virtual void drain(Time deadline) = 0;

  /// Cuts every exchange that is left and closes the listener at once (LC303).
  virtual void cut(const char* reason) = 0;

  /// What is in flight now.
  [[nodiscard]] virtual InFlight in_flight() const = 0;

  [[nodiscard]] virtual TrafficReport traffic() const = 0;
};

}  // namespace lastcall::drain
