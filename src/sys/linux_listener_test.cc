#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

Address ipv4_loopback(std::uint16_t port) {
  return {.family = Address::Family::ipv4, .ip = {127, 0, 0, 1}, .port = port};
}

Address ipv6_loopback(std::uint16_t port) {
  return {
      .family = Address::Family::ipv6, .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, .port = port};
}

// How a connect to `address` ends: 0 or a negative errno.
int knock(const Address& address, std::vector<UniqueFd>& clients) {
  const int fd = connect_to(address);
  if (fd < 0) {
    return fd;
  }
  clients.emplace_back(fd);
  const UniqueFd poller(poller_create());
  poller_add(poller.get(), fd, kWritable, nullptr);
  ReadyEvent event[1];
  return poller_wait(poller.get(), event, 5s) == 1 ? socket_error(fd) : -ETIMEDOUT;
}

// Keeps a handshake in SYN_RECV until its client has sent something.
void hold_handshakes(int listener) {
  const int seconds = 30;
  ASSERT_EQ(setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds), 0);
}

struct Family {
  const char* name;
  Address bound;
  Address (*target)(std::uint16_t);
};

class TcpListener : public ::testing::TestWithParam<Family> {
 protected:
  void SetUp() override {
    listener_.reset(listen_on(GetParam().bound, 16));
    if (listener_.get() < 0 && GetParam().bound.family == Address::Family::ipv6) {
      GTEST_SKIP() << "no IPv6 here";
    }
    ASSERT_TRUE(listener_);
    target_ = GetParam().target(local_address(listener_.get()).port);
  }

  UniqueFd listener_;
  Address target_;
  std::vector<UniqueFd> clients_;
};

TEST_P(TcpListener, RefusesNewClientsOnceBoundToNoInterface) {
  ASSERT_EQ(knock(target_, clients_), 0);
  ASSERT_EQ(stop_matching_syns(listener_.get()), 0);
  EXPECT_EQ(knock(target_, clients_), -ECONNREFUSED);
  EXPECT_EQ(accept_queue_length(listener_.get()), 1);
}

TEST_P(TcpListener, CountsItsHandshakesInFlight) {
  hold_handshakes(listener_.get());
  EXPECT_EQ(handshakes_in_flight(listener_.get()), 0);
  ASSERT_EQ(knock(target_, clients_), 0);
  ASSERT_EQ(knock(target_, clients_), 0);
  EXPECT_EQ(handshakes_in_flight(listener_.get()), 2);
  EXPECT_EQ(accept_queue_length(listener_.get()), 0);
}

TEST_P(TcpListener, FinishesAHandshakeInFlightAfterItWasBoundToNoInterface) {
  hold_handshakes(listener_.get());
  ASSERT_EQ(knock(target_, clients_), 0);
  ASSERT_EQ(stop_matching_syns(listener_.get()), 0);
  ASSERT_EQ(send(clients_.back().get(), "x", false), 1);
  const UniqueFd accepted(sys::accept(listener_.get(), nullptr));
  EXPECT_TRUE(accepted);
  EXPECT_EQ(handshakes_in_flight(listener_.get()), 0);
}

TEST_P(TcpListener, DropsSynsByFilterWhereThatIsAllowed) {
  const int error = drop_syns(listener_.get());
  if (error == -EPERM) {
    GTEST_SKIP() << "this kernel needs CAP_NET_ADMIN for it";
  }
  ASSERT_EQ(error, 0);
  const UniqueFd client(connect_to(target_));
  ASSERT_TRUE(client);
  EXPECT_EQ(handshakes_in_flight(listener_.get()), 0);
  EXPECT_EQ(accept_queue_length(listener_.get()), 0);
}

TEST(TcpListeners, OnOnePortCountTheirOwnHandshakesOnly) {
  const UniqueFd quiet(listen_on(ipv4_loopback(0), 16));
  Address address = local_address(quiet.get());
  address.ip[3] = 2;
  const UniqueFd busy(listen_on(address, 16));
  ASSERT_TRUE(busy);
  hold_handshakes(busy.get());
  std::vector<UniqueFd> clients;
  ASSERT_EQ(knock(address, clients), 0);
  EXPECT_EQ(handshakes_in_flight(busy.get()), 1);
  EXPECT_EQ(handshakes_in_flight(quiet.get()), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Sys, TcpListener,
    ::testing::Values(Family{"ipv4", ipv4_loopback(0), &ipv4_loopback},
                      Family{"ipv6", ipv6_loopback(0), &ipv6_loopback},
                      Family{"dual_stack_for_ipv4", {.family = Address::Family::ipv6}, &ipv4_loopback},
                      Family{"dual_stack_for_ipv6", {.family = Address::Family::ipv6}, &ipv6_loopback}),
    [](const auto& test) { return test.param.name; });

class UnixListener : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "lastcall-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    address_ = {.family = Address::Family::unix_path, .path = (folder_ / "app.sock").string()};
    listener_.reset(listen_on(address_, 16));
    ASSERT_TRUE(listener_);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  Address address_;
  UniqueFd listener_;
};

TEST_F(UnixListener, RemovesItsOwnFile) {
  shutdown_read(listener_.get());
  unlink_if_ours(listener_.get());
  EXPECT_FALSE(std::filesystem::exists(address_.path));
}

TEST_F(UnixListener, LeavesTheFileOfASuccessor) {
  std::filesystem::rename(address_.path, folder_ / "old.sock");
  const UniqueFd successor(listen_on(address_, 16));
  ASSERT_TRUE(successor);
  unlink_if_ours(listener_.get());
  EXPECT_TRUE(std::filesystem::exists(address_.path));
}

TEST_F(UnixListener, IsOnlyForItsOwnUserIfAskedTo) {
  const std::string path = (folder_ / "private.sock").string();
  const UniqueFd listener(listen_privately(path, 16));
  ASSERT_TRUE(listener);
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(listen_privately(path, 16), -EADDRINUSE) << "a running one is never replaced";
}

TEST_F(UnixListener, TakesThePlaceOfAStalePrivateOne) {
  const std::string path = (folder_ / "private.sock").string();
  UniqueFd(listen_privately(path, 16)).reset();
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(UniqueFd(listen_privately(path, 16)));
}

TEST_F(UnixListener, LeavesWhatIsNoSocket) {
  std::filesystem::remove(address_.path);
  std::ofstream(address_.path) << "not a socket";
  unlink_if_ours(listener_.get());
  EXPECT_TRUE(std::filesystem::exists(address_.path));
}

}  // namespace
}  // namespace lastcall::sys
