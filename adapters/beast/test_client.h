// TestClient: a blocking client that says exactly the bytes it is told to, and what became of its connection.
// For tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace lastcall::beast {

class TestClient {
 public:
  explicit TestClient(std::uint16_t port) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }

  void send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  void get(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  /// Up to and with `end`; what was there when the connection ended, if it did.
  std::string read_until(std::string_view end) {
    boost::system::error_code error;
    const std::size_t size =
        boost::asio::read_until(socket_, boost::asio::dynamic_buffer(input_), end, error);
    const std::string got = input_.substr(0, error ? input_.size() : size);
    input_.erase(0, got.size());
    return got;
  }

  /// Everything up to the end of the connection.
  std::string read_to_end() {
    boost::asio::read(socket_, boost::asio::dynamic_buffer(input_), end_);
    return std::exchange(input_, {});
  }

  /// After read_to_end(): the server ended it in an orderly way, and did not reset it.
  [[nodiscard]] bool ended_well() const { return end_ == boost::asio::error::eof; }

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  std::string input_;
  boost::system::error_code end_;
};

}  // namespace lastcall::beast
