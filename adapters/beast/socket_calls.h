// Calls on a socket whose failure is no news: it was broken, or closed, already. On its executor.
#pragma once

#include <tuple>

#include <boost/asio/ip/tcp.hpp>

namespace lastcall::beast {

inline void close_quietly(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  std::ignore = socket.close(ignored);
}

/// Ends what is awaited on it.
inline void cancel_quietly(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  std::ignore = socket.cancel(ignored);
}

template <class Option>
void set_quietly(boost::asio::ip::tcp::socket& socket, const Option& option) {
  boost::system::error_code ignored;
  std::ignore = socket.set_option(option, ignored);
}

}  // namespace lastcall::beast
