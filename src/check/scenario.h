// Scenario: what the load client does to a server: a few flows of requests, each with its own manners. Data
// only; Load carries it out. Nothing here says when the server is signalled: that is the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "sys/address.h"

namespace lastcall::check {

/// What a client does with its connection once there is nothing more to ask.
enum class Manner : std::uint8_t {
  fresh,       ///< a new connection for every request, `Connection: close`
  keep_alive,  ///< sends its next request on the same connection as long as the server lets it
  idle,        ///< one request, then keeps the connection without using it
  silent,      ///< connects and never sends a byte
};

/// At most `bytes` at a time, `every` so often; bytes == 0: as fast as it goes.
struct Pace {
  std::size_t bytes = 0;
  Duration every{};
};

/// Clients of one kind.
struct Flow {
  std::string name{};
  Manner manner = Manner::fresh;
  std::string path = "/";
  std::uint32_t clients = 1;  ///< at most this many attempts at a time
  /// Requests per second, at random instants fixed beforehand, whatever the server does (open loop). 0: each
  /// client asks again as soon as it has its answer (closed loop), and 100 ms after a failure.
  double rate = 0;
  /// Open loop: so many requests together. More than one: the bursts come evenly, a percent early or late, as
  /// by a timer.
  std::uint32_t burst = 1;
  std::uint64_t upload_bytes = 0;    ///< 0: GET, else a POST with a body of this size
  Pace upload{};                     ///< how the body is sent
  Pace download{};                   ///< how the response is read
  std::uint64_t expected_bytes = 0;  ///< of a whole response body; 0: whatever the framing says
  Duration timeout =
      10s;  ///< of one attempt, from its intended instant; idle and silent clients rest unbounded
};

struct Scenario {
  sys::Address target;
  std::string host = "localhost";
  std::vector<Flow> flows;
  std::uint64_t seed = 1;  ///< of the random instants
};

}  // namespace lastcall::check
