#include "lingering.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace lastcall::beast {
namespace {

using boost::asio::ip::tcp;

class LingeringTest : public ::testing::Test {
 protected:
  LingeringTest() {
    tcp::acceptor acceptor(io_, {boost::asio::ip::address_v4::loopback(), 0});
    client_.connect(acceptor.local_endpoint());
    acceptor.accept(server_);
  }

  /// Something that the server has not read when it half-closes.
  void send_request() {
    boost::asio::write(client_, boost::asio::buffer(std::string_view("GET / HTTP/1.1\r\n\r\n")));
    server_.wait(tcp::socket::wait_read);
  }

  boost::asio::io_context io_;
  tcp::socket client_{io_};
  tcp::socket server_{io_};
  LingeringClose all_;
};

TEST_F(LingeringTest, EndsWhenTheClientHasEndedItsSide) {
  linger(std::move(server_), all_, Sent::response);
  EXPECT_EQ(all_.registry.size(), 1U);
  client_.shutdown(tcp::socket::shutdown_send);
  io_.run();
  EXPECT_EQ(all_.registry.size(), 0U);
}

TEST_F(LingeringTest, RequestThatCrossedTheCloseOfAnIdleConnectionIsCounted) {
  send_request();
  linger(std::move(server_), all_, Sent::nothing);
  client_.shutdown(tcp::socket::shutdown_send);
  io_.run();
  EXPECT_EQ(all_.lost_race, 1U);
}

TEST_F(LingeringTest, WhatComesAfterALastResponseIsNoLostRequest) {
  send_request();
  linger(std::move(server_), all_, Sent::response);
  client_.shutdown(tcp::socket::shutdown_send);
  io_.run();
  EXPECT_EQ(all_.lost_race, 0U);
}

TEST_F(LingeringTest, WaitsForASilentClientOnlySoLong) {
  linger(std::move(server_), all_, Sent::nothing);
  io_.run();
  EXPECT_EQ(all_.registry.size(), 0U);
}

TEST_F(LingeringTest, UnreadBytesDoNotResetTheConnection) {
  send_request();
  linger(std::move(server_), all_, Sent::response);
  client_.shutdown(tcp::socket::shutdown_send);
  io_.run();
  char byte = 0;
  boost::system::error_code error;
  client_.read_some(boost::asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, boost::asio::error::eof);
}

}  // namespace
}  // namespace lastcall::beast
