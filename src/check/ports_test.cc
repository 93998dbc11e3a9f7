#include "check/ports.h"

#include <set>

#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::check {
namespace {

TEST(LastingPort, IsNeverTheSourceOfAConnection) {
  const std::uint16_t port = lasting_port();
  ASSERT_NE(port, 0);
  // As long as nobody listens there the kernel gives it to nobody who connects without a port of his own.
  const sys::UniqueFd listener(sys::listen_on(sys::loopback_ipv4(0), 16));
  for (int i = 0; i < 100; ++i) {
    const sys::UniqueFd connection(sys::connect_to(sys::local_address(listener.get())));
    ASSERT_GE(connection.get(), 0);
    EXPECT_NE(sys::local_address(connection.get()).port, port);
  }
  EXPECT_GE(sys::UniqueFd(sys::listen_on(sys::loopback_ipv4(port), 1)).get(), 0);
}

TEST(LastingPort, IsAnotherOneEachTime) {
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 20; ++i) {
    ports.insert(lasting_port());
  }
  EXPECT_GE(ports.size(), 18U) << "of some 27 000";
}

}  // namespace
}  // namespace lastcall::check
