// What a failed accept() means for whoever accepts next. Not a policy: how long to pause is the caller's.
// Pure, any thread.
#pragma once

#include <cstdint>

namespace lastcall::net {

enum class AcceptError : std::uint8_t {
  none_waiting,      ///< the queue is empty, or shut down
  that_client_only,  ///< the connection broke before it was taken; the next one may be well
  out_of_resources,  ///< no descriptor, no memory, or something unknown that may last: pause, do not spin
};

/// Of the negative errno that sys::accept() returned; see accept(2), "Error handling in accept()".
[[nodiscard]] AcceptError classify_accept_error(int error);

}  // namespace lastcall::net
