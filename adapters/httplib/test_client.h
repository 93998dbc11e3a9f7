// A client for tests: writes bytes as it is told, and reads responses. One thread.
#pragma once

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/time.h"
#include "sys/sys.h"

namespace lastcall::httplib {

inline constexpr Duration kPatience = 20s;  // only a failing test waits that long

/// A client that writes bytes and reads responses, with a body's length if they say so.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(sys::connect_to(sys::loopback_ipv4(port))) {}

  void send(std::string_view bytes) {
    sys::poll_one(fd_.get(), sys::kWritable, -1, kPatience);
    EXPECT_EQ(sys::send(fd_.get(), bytes, false), static_cast<ssize_t>(bytes.size()));
  }

  void get(std::string_view path) {
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: server.test\r\n\r\n");
  }

  /// Head and body, or what came before the end.
  std::string response() {
    std::size_t head = std::string::npos;
    while ((head = received_.find("\r\n\r\n")) == std::string::npos && receive()) {
    }
    const std::size_t field = received_.find("Content-Length: ");
    const std::size_t size = field < head ? head + 4 + std::stoul(received_.substr(field + 16)) : head;
    while (received_.size() < size && receive()) {
    }
    std::string response = received_.substr(0, size);
    received_.erase(0, size);
    return response;
  }

  /// The server has closed its side in order, and not reset the connection. Closes ours, too.
  bool ended() {
    while (receive()) {
    }
    close();
    return received_.empty() && end_ == 0;
  }

  void close() { fd_.reset(); }

 private:
  bool receive() {
    std::array<char, 4096> buffer;
    sys::poll_one(fd_.get(), sys::kReadable, -1, kPatience);
    end_ = sys::receive(fd_.get(), buffer);
    received_.append(buffer.data(), end_ > 0 ? static_cast<std::size_t>(end_) : 0);
    return end_ > 0;
  }

  sys::UniqueFd fd_;
  std::string received_;
  ssize_t end_ = -EAGAIN;
};

}  // namespace lastcall::httplib
