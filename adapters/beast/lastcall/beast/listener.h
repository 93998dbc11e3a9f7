// Listener: accepts TCP connections for any Asio executor and, when told to, closes without resetting anybody
// (contract LC201). For session classes of one's own; HttpServer is made with it. It owns one thread, so that
// no handler can hold up an accept, and never a connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "lastcall/result.h"
#include "lastcall/step.h"

namespace lastcall::net {
class AcceptThread;
}

namespace lastcall::beast {

struct ListenerOptions {
  std::string address =
      "127.0.0.1";         ///< a number or localhost; "0.0.0.0" and "::" (both families): every one
  std::uint16_t port = 0;  ///< 0: any that is free
};

/// Any thread.
class Listener {
 public:
  /// Takes one connection; its executor is a strand of its own. Called on the listener's thread: register the
  /// session there, so that no drain can miss it, and post the rest.
  using OnAccept = std::function<void(boost::asio::ip::tcp::socket)>;

  /// Accepts from now on. Error: the address cannot be had.
  [[nodiscard]] static Result<Listener> open(boost::asio::any_io_executor executor,
                                             const ListenerOptions& options, OnAccept on_accept);

  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  /// Closes at once if close() was never called: who has connected and was not accepted is reset.
  ~Listener();

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// There is no room for more connections: further ones wait in the kernel's queue.
  void pause();
  void resume();

  /// For Server::close_listener: returns when the listener is closed and all who had connected have been
  /// handed to OnAccept.
  void close(const StepContext& step);

 private:
  Listener(std::unique_ptr<net::AcceptThread> thread, std::uint16_t port);

  std::unique_ptr<net::AcceptThread> thread_;
  std::uint16_t port_;
};

}  // namespace lastcall::beast
