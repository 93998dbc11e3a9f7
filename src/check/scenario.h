// Scenario: what the load client does to a server: a few flows of attempts, each of its own kind. Data only;
// Load carries it out. Nothing here says when the server is signalled: that is the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "judge/trial.h"
#include "sys/address.h"

namespace lastcall::check {

/// At most `bytes` at a time, `every` so often; bytes == 0: as fast as it goes.
struct Pace {
  std::size_t bytes = 0;
  Duration every{};
};

/// A duration drawn anew each time, none in it likelier than another.
struct Range {
  Duration least{};
  Duration most{};
};

/// Clients of one kind. The kind says what a client does with its connection and its request; what is not
/// said to be of one kind holds for every kind that sends a request.
struct Flow {
  std::string name{};
  judge::Kind kind = judge::Kind::fresh;
  std::string path = "/";     ///< with its query
  std::uint32_t clients = 1;  ///< at most this many attempts at a time
  /// Attempts per second, at random instants fixed beforehand, whatever the server does (open loop). 0: each
  /// client begins again once its attempt has ended (closed loop), and 100 ms after a failure. Kinds that
  /// rest are closed loops.
  double rate = 0;
  /// Open loop: so many attempts at once. More than one: the bursts come evenly, a percent early or late, as
  /// by a timer.
  std::uint32_t burst = 1;
  bool even = false;                 ///< open loop: single attempts come evenly too
  Range think{};                     ///< closed loop: from an answer to the next request
  Range hold{300ms, 1s};             ///< held_upload, half_head: until the second half is sent
  Range chatter{500ms, 2s};          ///< websocket: from one message or ping to the next
  std::uint32_t pipeline = 4;        ///< pipelined: requests sent at once
  std::uint64_t upload_bytes = 0;    ///< 0: GET, else a POST with a body of this size
  Pace upload{};                     ///< how the body is sent
  Pace download{};                   ///< how the response is read
  std::uint64_t expected_bytes = 0;  ///< of a whole response body; 0: whatever the framing says
  /// Of an attempt from its start, of one that rests until it rests; of a WebSocket also for the end of the
  /// connection after its Close frame.
  Duration timeout = 10s;
};

struct Scenario {
  sys::Address target;
  std::string host = "localhost";
  std::vector<Flow> flows;
  std::uint64_t seed = 1;  ///< of the random instants and pauses
  /// "Name: value" each, added to every request; none of Host, Connection, Content-Length, Transfer-Encoding,
  /// Expect, Upgrade, Sec-WebSocket-Key and Sec-WebSocket-Version, which are the client's own.
  std::vector<std::string> headers{};
};

}  // namespace lastcall::check
