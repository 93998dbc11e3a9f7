// Stream: one connected, non-blocking socket watched edge-triggered: it remembers whether bytes may be
// waiting and keeps what the kernel would not take yet. Knows nothing of HTTP and owns no timer. One thread.
#pragma once

#include <span>
#include <string_view>

#include "net/bytes.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::net {

class Stream {
 public:
  /// `readable`: bytes may be waiting already, which is true of an accepted socket and false of a connecting
  /// one.
  Stream(sys::UniqueFd fd, bool readable) : fd_(std::move(fd)), readable_(readable) {}

  [[nodiscard]] int fd() const { return fd_.get(); }

  /// Has the loop deliver this socket's events to `handler`; once in a connection's life. False: no memory
  /// for it.
  bool watch(Loop& loop, Handler& handler);

  [[nodiscard]] bool watched() const { return watched_; }

  /// Takes note of delivered events; call it first in on_events().
  void note(std::uint32_t events);

  /// Bytes may be waiting, or the end of the stream.
  [[nodiscard]] bool readable() const { return readable_; }

  /// The peer has closed its side, or the connection broke. Bytes may still be waiting.
  [[nodiscard]] bool ended() const { return ended_; }

  /// Reads what is waiting: a count, 0 at the end of the stream, -EAGAIN when nothing waits, or another
  /// negative errno. A short read counts as all there was, which saves the call that would find nothing.
  [[nodiscard]] ssize_t read(std::span<char> into);

  /// Sends head and body, and queues what the kernel does not take. `last`: if it takes everything, the
  /// caller ends the stream at once, so that both may travel as one segment. False: the connection is broken.
  [[nodiscard]] bool write(std::string_view head, std::string_view body = {}, bool last = false);

  /// Sends queued bytes. False: the connection is broken.
  [[nodiscard]] bool flush();

  [[nodiscard]] std::size_t unsent() const { return unsent_.size(); }

  /// Whether any byte was ever taken by the kernel: if not, the peer has seen nothing.
  [[nodiscard]] bool sent_any() const { return sent_any_; }

  void forget_sent() { sent_any_ = false; }

 private:
  sys::UniqueFd fd_;
  bool watched_ = false;
  bool readable_;
  bool ended_ = false;
  bool sent_any_ = false;
  Bytes unsent_;
};

}  // namespace lastcall::net
