// ListenerClose against the kernel that is really here: a storm of connects over loopback while the listener
// closes. What loopback cannot show, handshakes that last a real round trip, tests/netns does.
#include "net/listener_close.h"

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace lastcall::net {
namespace {

using Method = ListenerClose::Method;

sys::Address ipv4_loopback(std::uint16_t port) {
  return {.family = sys::Address::Family::ipv4, .ip = {127, 0, 0, 1}, .port = port};
}

sys::Address ipv6_loopback(std::uint16_t port) {
  sys::Address address{.family = sys::Address::Family::ipv6, .port = port};
  address.ip[15] = 1;
  return address;
}

bool wait_for(int fd, std::uint32_t events) {
  const sys::UniqueFd poller(sys::poller_create());
  sys::poller_add(poller.get(), fd, events, nullptr);
  sys::ReadyEvent event[1];
  return sys::poller_wait(poller.get(), event, 10s) == 1;
}

/// Clients that connect, send one byte and expect one back, each on a thread of its own, until they are
/// refused.
class Storm {
 public:
  Storm(sys::Address target, int clients) : target_(std::move(target)) {
    for (int i = 0; i < clients; ++i) {
      threads_.emplace_back([this] { knock_until_refused(); });
    }
  }

  void join() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

  [[nodiscard]] int served() const { return served_; }

  [[nodiscard]] int lost() const { return lost_; }

 private:
  void knock_until_refused() {
    while (exchange_one()) {
    }
  }

  // Whether it was let in.
  bool exchange_one() {
    const sys::UniqueFd fd(sys::connect_to(target_));
    if (!fd || !wait_for(fd.get(), sys::kWritable) || sys::socket_error(fd.get()) != 0) {
      return false;
    }
    char answer = 0;
    const bool served = sys::send(fd.get(), "?", false) == 1 && wait_for(fd.get(), sys::kReadable) &&
                        sys::receive(fd.get(), {&answer, 1}) == 1;
    ++(served ? served_ : lost_);
    sys::reset_on_close(fd.get());
    return true;
  }

  sys::Address target_;
  std::atomic<int> served_ = 0;
  std::atomic<int> lost_ = 0;
  std::vector<std::thread> threads_;
};

/// Answers every connection's first byte, on the thread that calls it.
class Server {
 public:
  explicit Server(const sys::Address& address) : listener_(sys::listen_on(address, 65535)) {
    sys::poller_add(poller_.get(), listener_.get(), sys::kReadable, nullptr);
  }

  [[nodiscard]] int listener() const { return listener_.get(); }

  [[nodiscard]] sys::UniqueFd take_listener() {
    sys::poller_remove(poller_.get(), listener_.get());
    return std::move(listener_);
  }

  void serve_until(Time end) {
    while (sys::now() < end) {
      sys::ReadyEvent events[64];
      const int ready = sys::poller_wait(poller_.get(), events, end - sys::now());
      for (int i = 0; i < ready; ++i) {
        serve(events[i].target);
      }
    }
  }

  void add(sys::UniqueFd connection) {
    const int fd = connection.get();
    auto& kept = connections_[fd] = std::move(connection);
    sys::poller_add(poller_.get(), fd, sys::kReadable, &kept);
  }

  [[nodiscard]] bool busy() const { return !connections_.empty(); }

 private:
  void serve(void* target) {
    if (target == nullptr) {
      const int fd = sys::accept(listener_.get(), nullptr);
      if (fd >= 0) {
        add(sys::UniqueFd(fd));
      }
      return;
    }
    const int fd = static_cast<sys::UniqueFd*>(target)->get();
    char byte = 0;
    if (sys::receive(fd, {&byte, 1}) == 1) {
      EXPECT_EQ(sys::send(fd, "!", false), 1);
    } else {
      connections_.erase(fd);
    }
  }

  sys::UniqueFd listener_;
  sys::UniqueFd poller_{sys::poller_create()};
  std::map<int, sys::UniqueFd> connections_;
};

// Lets a storm blow, closes the listener under it, and serves whoever got in. How it was closed.
Method close_under_storm(const sys::Address& bound, sys::Address (*target)(std::uint16_t)) {
  Server server(bound);
  Storm storm(bound.is_unix() ? bound : target(sys::local_address(server.listener()).port), 8);
  server.serve_until(sys::now() + 20ms);

  ListenerClose close(server.listener(), {}, sys::now());
  while (const std::optional<Time> next = close.step(sys::now())) {
    server.serve_until(*next);
  }
  close.finish(server.take_listener(),
               [&](sys::UniqueFd connection, const sys::Address&) { server.add(std::move(connection)); });
  const Time limit = sys::now() + 10s;
  while (server.busy() && sys::now() < limit) {
    server.serve_until(sys::now() + 1ms);
  }
  storm.join();
  EXPECT_GT(storm.served(), 0);
  EXPECT_EQ(storm.lost(), 0);
  EXPECT_EQ(close.left(), 0);
  return close.method();
}

constexpr int kRounds = 5;

TEST(ListenerClose, ResetsNobodyOverIpv4) {
  for (int i = 0; i < kRounds; ++i) {
    EXPECT_EQ(close_under_storm(ipv4_loopback(0), &ipv4_loopback), Method::ifindex);
  }
}

TEST(ListenerClose, ResetsNobodyOverIpv6) {
  if (!sys::UniqueFd(sys::listen_on(ipv6_loopback(0), 1))) {
    GTEST_SKIP() << "no IPv6 here";
  }
  for (int i = 0; i < kRounds; ++i) {
    EXPECT_EQ(close_under_storm(ipv6_loopback(0), &ipv6_loopback), Method::ifindex);
  }
}

TEST(ListenerClose, ResetsNoIpv4ClientOfADualStackSocket) {
  const sys::Address every{.family = sys::Address::Family::ipv6};
  if (!sys::UniqueFd(sys::listen_on(every, 1))) {
    GTEST_SKIP() << "no IPv6 here";
  }
  for (int i = 0; i < kRounds; ++i) {
    EXPECT_EQ(close_under_storm(every, &ipv4_loopback), Method::ifindex);
  }
}

TEST(ListenerClose, ResetsNobodyOfAnAbstractUnixSocket) {
  for (int i = 0; i < kRounds; ++i) {
    std::byte tail[8];
    sys::random_bytes(tail);
    std::string name = "@lastcall-test-";
    for (const std::byte value : tail) {
      name += std::to_string(std::to_integer<int>(value)) + '.';
    }
    const sys::Address address{.family = sys::Address::Family::unix_path, .path = name};
    EXPECT_EQ(close_under_storm(address, nullptr), Method::unix_socket);
  }
}

TEST(ListenerClose, FindsTheIfindexWorkingOnThisKernel) {
  EXPECT_TRUE(ListenerClose::self_test());
}

}  // namespace
}  // namespace lastcall::net
