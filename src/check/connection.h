// Connection: one client's socket, watched edge-triggered for the whole of its life. Knows when no byte can
// be waiting and asks the kernel only when one may. Not a buffer: what the kernel does not take stays with
// the caller. One thread.
#pragma once

#include <span>
#include <string_view>

#include "base/time.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::check {

class Connection {
 public:
  /// Begins a connect() whose events go to `handler`. Returns 0, or a negative errno if it failed at once.
  [[nodiscard]] int dial(const sys::Address& target, net::Loop& loop, net::Handler& handler);

  /// Takes note of delivered events; call it first in on_events().
  void note(std::uint32_t events);

  /// How the connect() ended, once an event has come: 0 or a negative errno.
  [[nodiscard]] int finish_dial();

  /// The bytes that the kernel took, -EAGAIN, or another negative errno.
  [[nodiscard]] ssize_t send(std::string_view bytes) { return sys::send(fd_.get(), bytes, false); }

  /// A count, 0 at the end of the stream, -EAGAIN when nothing waits, or another negative errno. A short read
  /// counts as all there was.
  [[nodiscard]] ssize_t receive(std::span<char> into);

  /// As receive(), but asks the kernel whatever the events said so far.
  [[nodiscard]] ssize_t receive_now(std::span<char> into);

  void close() { fd_.reset(); }

  /// Bytes or the end of the stream may be waiting.
  [[nodiscard]] bool readable() const { return readable_; }

  [[nodiscard]] bool open() const { return static_cast<bool>(fd_); }

 private:
  sys::UniqueFd fd_;
  bool readable_ = false;
  bool ended_ = false;  ///< the peer has closed its side, or the connection broke
};

}  // namespace lastcall::check
