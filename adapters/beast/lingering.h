// Lingering: the end of a connection after our half-close. It reads and discards until the client has ended
// its side too: closing with unread bytes would reset the connection, and with it the last response (RFC 9112
// §9.6). It owns the socket and lives until then.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <boost/asio/ip/tcp.hpp>

#include "lastcall/beast/session_registry.h"

namespace lastcall::beast {

enum class Sent : std::uint8_t {
  response,  ///< one may still be on its way
  nothing,   ///< it was idle: only a request that races with our half-close is to be seen
};

/// The connections that linger.
struct LingeringClose {
  SessionRegistry registry{};
  std::atomic<std::size_t> lost_race = 0;  ///< idle connections on which a request came after our half-close
};

/// Half-closes `socket` and lingers. On the socket's executor.
void linger(boost::asio::ip::tcp::socket socket, LingeringClose& all, Sent sent);

}  // namespace lastcall::beast
