// SocketStream: a non-blocking socket as the stream that cpp-httplib reads from and writes to. It lives as
// long as its connection: what a client has sent ahead stays for the next request. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <httplib.h>
#include <string>

#include "base/time.h"

namespace lastcall::httplib {

class SocketStream final : public ::httplib::Stream {
 public:
  struct Timeouts {
    Duration read;   ///< for a single read
    Duration write;  ///< for a single write
  };

  SocketStream(int fd, const Timeouts& timeouts) : fd_(fd), timeouts_(timeouts) {}

  /// Reads fail past `until`, however much comes.
  void limit_reads(Time until) { read_until_ = until; }

  /// Whether bytes of a next request are here already.
  [[nodiscard]] bool has_more() const { return begin_ < end_; }

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override;
  ssize_t read(char* into, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;

  [[nodiscard]] ::socket_t socket() const override { return fd_; }

 private:
  [[nodiscard]] ssize_t receive();

  const int fd_;
  const Timeouts timeouts_;
  Time read_until_ = Time::max();
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, 8192> buffer_;
};

}  // namespace lastcall::httplib
