#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

TEST(Datagram, BringsItsBytesAndItsSender) {
  const UniqueFd socket(open_datagrams());
  ASSERT_TRUE(socket);
  const Address address = local_address(socket.get());
  EXPECT_TRUE(address.path.starts_with('@'));
  ASSERT_EQ(send_datagram(address, "READY=1"), 0);
  const auto datagram = next_datagram(socket.get());
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->bytes, "READY=1");
  EXPECT_EQ(datagram->sender, own_pid());
  EXPECT_TRUE(datagram->trusted);
  EXPECT_FALSE(next_datagram(socket.get()));
}

TEST(Datagram, CannotBeSentWhereNobodyListens) {
  UniqueFd socket(open_datagrams());
  const Address address = local_address(socket.get());
  socket.reset();
  EXPECT_LT(send_datagram(address, "READY=1"), 0);
}

TEST(AdoptListener, TakesListeningStreamSocketsOnly) {
  const UniqueFd listener(listen_on(loopback_ipv4(0), 1));
  EXPECT_EQ(adopt_listener(listener.get()), 0);
  const UniqueFd client(connect_to(local_address(listener.get())));
  EXPECT_LT(adopt_listener(client.get()), 0);
  const UniqueFd datagrams(open_datagrams());
  EXPECT_LT(adopt_listener(datagrams.get()), 0);
  EXPECT_LT(adopt_listener(-1), 0);
}

}  // namespace
}  // namespace lastcall::sys
