// Server: what a shutdown needs of anything that accepts connections. The adapters (lastcall/beast.h and its
// neighbours) fill it in; for a server without one, three callables are enough.
#pragma once

#include <functional>
#include <string>

#include "lastcall/step.h"

namespace lastcall {

/// Every function may be empty. The blocking ones run on a thread of the library's own, and return early,
/// cutting what is left, when their step's token asks them to stop.
struct Server {
  std::string name = "server";

  /// From now on responses say `Connection: close`; the listener is still open. Returns at once.
  std::function<void()> announce{};

  /// Stage::intake. Closes the listener without resetting anybody; returns when it is closed.
  std::function<void(const StepContext&)> close_listener{};

  /// Stage::connections. Ends idle connections; returns when none can carry a request any more.
  std::function<void(const StepContext&)> drain{};
};

}  // namespace lastcall
