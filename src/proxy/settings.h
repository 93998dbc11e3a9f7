// Settings of the proxy: fixed for its whole life, shared by every shard.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "http/head.h"
#include "proxy/answers.h"
#include "proxy/stream_policy.h"
#include "sys/address.h"

namespace lastcall::proxy {

struct Settings {
  sys::Address upstream;
  bool listener_is_shared = false;  ///< others hold it too: a close only ends our accepting
  unsigned workers = 1;

  std::vector<std::string> health_paths;  ///< answered 503 here from the first instant of the drain (LC103)
  bool ready_while_delay = false;         ///< … or not before the lame duck is over
  bool trust_forwarded = true;            ///< keep X-Forwarded-* that came; false: start them anew

  http::Limits head_limits;
  std::uint64_t max_body = 0;            ///< bytes of a request body; 0 = no limit
  std::size_t max_connections = 10'000;  ///< of clients, over all shards
  std::size_t max_held = 1024;           ///< requests held while the app starts, over all shards

  Duration idle_timeout = 75s;     ///< keep-alive connection without a request
  Duration send_timeout = 60s;     ///< a client that takes no byte of what is sent to it; 0 = no limit
  Duration header_timeout = 10s;   ///< from the first byte of a head to its last
  Duration upstream_timeout = 0s;  ///< to the first byte of a response; 0 = no limit
  Duration idle_grace = 1s;        ///< what an idle connection gets while draining (LC204)

  std::uint64_t min_body_rate = 256;  ///< bytes per second that a request body must bring; 0 = any
  Duration body_window = 10s;         ///< on average over each of these; not for users to turn

  std::size_t buffer_request = 0;   ///< bytes of a body gathered before the app is asked; 0 = none
  std::size_t buffer_response = 0;  ///< bytes taken from the app beyond what its client has taken; 0 = none

  ErrorPages error_pages;  ///< in the place of our own answers

  std::vector<StreamRule> stream_rules;                  ///< what the drain does with which paths (LC207)
  std::uint16_t ws_close_code = 1001;                    ///< one that a server may send (RFC 6455 §7.4)
  std::string ws_close_reason = "server shutting down";  ///< at most 123 bytes of UTF-8
  Duration ws_grace = 5s;  ///< for a WebSocket's whole closing handshake, with client and app (LC206)

  bool access_log = false;
};

// Not for users to turn.
inline constexpr Duration kConnectTimeout = 5s;
inline constexpr Duration kRefusedRetryStep = 10ms;  ///< an app that was ready and refuses is asked again …
inline constexpr Duration kRefusedRetryTotal = 1s;   ///< … for so long
inline constexpr Duration kUpstreamIdle = 4s;        ///< for an app that advertises no Keep-Alive timeout
inline constexpr Duration kUpstreamIdleMargin = 1s;  ///< how much earlier than an advertised one we give up
/// A non-idempotent request never rides on a connection idle for longer: some apps close theirs after 1 s.
inline constexpr Duration kUnsafeReuseIdle = 500ms;
/// A new client that waits longer for its first answer is watched from then on: should it leave, the app's
/// work is in vain.
inline constexpr Duration kUnwatched = 10ms;
inline constexpr Duration kRepeatWarning = 60s;
/// Bytes of a path in reports and in a status, which lists up to a thousand.
inline constexpr std::size_t kPathTold = 1024;
inline constexpr std::size_t kMostIdTold = 128;  ///< bytes of an X-Request-ID that log and answers tell
inline constexpr Duration kAcceptNews = 20s;     ///< often enough for net::SynPressure::kMemory
inline constexpr Duration kLingerIdle = 2s;
inline constexpr Duration kLingerUnused =
    200ms;  ///< where no response is on its way: only to see a lost request
inline constexpr Duration kLingerTotal = 5s;
inline constexpr Duration kMostSpread = 3s;  ///< over which streams end during the drain, and at most …
inline constexpr int kSpreadShare = 3;       ///< … this part of it
inline constexpr Duration kLeastWsGrace = 1ms;
inline constexpr int kAppsCloseShare = 10;  ///< the part of it that an app still has if its client is silent
inline constexpr std::size_t kReadBuffer =
    256U << 10U;  ///< one a shard: larger reads cost less per byte, up to here
inline constexpr std::size_t kSlowRead =
    128U << 10U;  ///< from the app, for a client that has fallen behind: what is kept for each
inline constexpr std::size_t kHeadRead =
    64U << 10U;  ///< while a head is awaited: bounds pipelined leftovers and what is sent again
inline constexpr int kReadsPerTurn = 4;  ///< of one connection, before the others get their turn
inline constexpr int kMaxInterim = 32;   ///< 1xx responses to one request

}  // namespace lastcall::proxy
