// ListenerClose on the simulated kernel: each way to stop new connections, each fault, and a thousand random
// storms.
#include <algorithm>
#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/listener_close.h"
#include "sim/kernel/kernel.h"

namespace lastcall::net {
namespace {

using ::testing::ElementsAre;
using Method = ListenerClose::Method;

sys::Address tcp_socket() {
  return {.family = sys::Address::Family::ipv4, .ip = {192, 0, 2, 10}, .port = 8080};
}

sys::Address unix_socket() {
  return {.family = sys::Address::Family::unix_path, .path = "/run/app.sock"};
}

/// What became of a client. `reset` is what nobody may see.
enum class Fate : std::uint8_t { pending, refused, accepted, reset };

/// How the kernel remembers a handshake: by an entry that sock_diag shows, or by cookie, without a trace.
enum class Handshake : std::uint8_t { entry, cookie };

/// A listener on a machine of its own, and clients that knock there.
class World {
 public:
  explicit World(const sys::Address& address = tcp_socket(), const sim::Faults& faults = {},
                 std::uint64_t seed = 1)
      : kernel_(seed, faults, [this](const std::string& line) { note(line); }),
        address_(address),
        listener_(sys::listen_on(address, 4096)) {}

  [[nodiscard]] sim::Kernel& kernel() { return kernel_; }

  [[nodiscard]] Time now() const { return kernel_.now(); }

  [[nodiscard]] int listener() const { return listener_.get(); }

  [[nodiscard]] sys::UniqueFd take_listener() { return std::move(listener_); }

  /// A client's SYN arrives at `when`, or half a round trip from now if that is later; the ACK that ends its
  /// handshake comes a `round_trip` after it. Its number.
  std::size_t knock(Time when, Duration round_trip, Handshake handshake = Handshake::entry);

  void advance_to(Time when);

  void advance(Duration by) { advance_to(now() + by); }

  [[nodiscard]] Fate fate(std::size_t client) const;

  /// How many clients ended so.
  [[nodiscard]] std::size_t count(Fate fate) const;

  /// What was done to the listener, in order.
  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

 private:
  void note(const std::string& line);
  void connect(std::size_t client, Duration latency, Handshake handshake);

  std::vector<std::string> calls_;
  sim::Kernel kernel_;
  const sys::Address address_;
  sys::UniqueFd listener_;
  std::vector<std::shared_ptr<sim::Endpoint>> clients_;
};

std::size_t World::knock(Time when, Duration round_trip, Handshake handshake) {
  const std::size_t client = clients_.size();
  clients_.emplace_back();
  kernel_.timeline().at(when - round_trip / 2, [=, this] { connect(client, round_trip / 2, handshake); });
  return client;
}

void World::connect(std::size_t client, Duration latency, Handshake handshake) {
  sim::Timeline& timeline = kernel_.timeline();
  sim::Network& network = kernel_.network();
  const bool by_cookie = handshake == Handshake::cookie;
  if (by_cookie) {
    timeline.after(latency, [&network] { network.set_syn_flood(true); });
  }
  const sys::Address from{.family = address_.family, .ip = {192, 0, 2, 1}};
  clients_[client] = network.connect(from, address_, {.latency = latency}, {});
  if (by_cookie) {
    timeline.after(latency, [&network] { network.set_syn_flood(false); });
  }
}

void World::advance_to(Time when) {
  bool there = false;
  kernel_.timeline().at(when, [&there] { there = true; });
  ASSERT_TRUE(kernel_.fibers().run([&there] { return there; }));
}

Fate World::fate(std::size_t client) const {
  const std::shared_ptr<sim::Endpoint>& ours = clients_[client];
  if (ours == nullptr) {
    return Fate::pending;
  }
  if (ours->reset_arrived()) {
    return Fate::reset;
  }
  if (ours->state() == sim::Endpoint::State::closed) {
    return Fate::refused;
  }
  const bool accepted = std::ranges::find(kernel_.accepted, ours->peer()) != kernel_.accepted.end();
  return accepted ? Fate::accepted : Fate::pending;
}

std::size_t World::count(Fate fate) const {
  std::size_t count = 0;
  for (std::size_t client = 0; client < clients_.size(); ++client) {
    count += std::size_t{this->fate(client) == fate};
  }
  return count;
}

// The kernel's trace, without the time in front.
void World::note(const std::string& line) {
  const std::string what = line.substr(line.find("ms  ") + 4);
  if (!what.starts_with("accepts")) {
    calls_.push_back(what);
  }
}

/// The owner of a close: a loop that accepts whatever has arrived and calls step() when it is asked to.
struct Owner {
  World& world;
  ListenerClose close;
  Duration lasted{};

  explicit Owner(World& with, const ListenerClose::Options& options = {})
      : world(with), close(with.listener(), options, with.now()) {}

  void accept_all() {
    while (sys::accept(world.listener(), nullptr) >= 0) {
    }
  }

  void finish() {
    close.finish(world.take_listener(), [](sys::UniqueFd, const sys::Address&) {});
    world.advance(10s);
  }

  void run() {
    const Time start = world.now();
    for (std::optional<Time> next = start; next; next = close.step(world.now())) {
      ASSERT_LE(*next - start, 10s);
      world.advance_to(*next);
      accept_all();
    }
    lasted = world.now() - start;
    finish();
  }
};

TEST(ListenerClose, ServesAHandshakeInFlightAndRefusesLaterClientsAtOnce) {
  World world;
  const auto in_flight = world.knock(world.now(), 400ms);
  world.advance(210ms);
  Owner owner(world);
  const auto later = world.knock(world.now() + 10ms, 10ms);
  world.advance(20ms);
  EXPECT_EQ(world.fate(later), Fate::refused);
  owner.run();
  EXPECT_EQ(world.fate(in_flight), Fate::accepted);
  EXPECT_EQ(owner.close.method(), Method::ifindex);
  EXPECT_EQ(owner.close.found(), 1);
  EXPECT_EQ(owner.close.left(), 0);
  EXPECT_THAT(world.calls(), ElementsAre("stops matching SYNs", "closes the listener"));
}

TEST(ListenerClose, WithNobodyInFlightEndsAtTheSecondEmptyLook) {
  World world;
  Owner owner(world);
  owner.run();
  EXPECT_EQ(owner.lasted, 150ms);
}

TEST(ListenerClose, WaitsAtLeastTwiceTheLargestRoundTrip) {
  World world;
  Owner owner(world);
  owner.close.allow_round_trip(20ms);
  owner.close.allow_round_trip(300ms);
  owner.close.allow_round_trip(80ms);
  owner.run();
  EXPECT_EQ(owner.lasted, 650ms);
}

TEST(ListenerClose, LooksAgainWhenAHandshakeShowsBetweenTwoEmptyLooks) {
  World world(tcp_socket(), {.no_ifindex = true, .no_filter = true});
  Owner owner(world);
  const auto late = world.knock(world.now() + 1220ms, 60ms);
  owner.run();
  EXPECT_EQ(world.fate(late), Fate::accepted);
  EXPECT_EQ(owner.lasted, 1350ms);
}

TEST(ListenerClose, WaitsWhileTheAcceptQueueHoldsSomebody) {
  World world;
  world.knock(world.now() + 1ms, 2ms);
  world.advance(10ms);
  Owner owner(world);
  world.advance(100ms);
  ASSERT_EQ(owner.close.step(world.now()), world.now() + 50ms);
  world.advance(50ms);
  ASSERT_EQ(owner.close.step(world.now()), world.now() + 50ms);
  owner.accept_all();
  ASSERT_EQ(owner.close.step(world.now()), world.now() + 50ms);
  EXPECT_EQ(owner.close.step(world.now()), std::nullopt);
}

TEST(ListenerClose, GivesUpAtTheCapAndSaysWhatIsLeft) {
  World world;
  world.knock(world.now(), 4s);
  world.advance(2010ms);
  Owner owner(world);
  owner.run();
  EXPECT_EQ(owner.lasted, 3s);
  EXPECT_EQ(owner.close.left(), 1);
  EXPECT_EQ(world.count(Fate::reset), 1U);
}

TEST(ListenerClose, CountsTheHandshakesThatAForcedEndLeaves) {
  World world;
  world.knock(world.now(), 400ms);
  world.advance(210ms);
  Owner owner(world);
  owner.finish();
  EXPECT_EQ(owner.close.left(), 1);
}

TEST(ListenerClose, NeverWaitsLongerThanTheCapForARoundTrip) {
  World world;
  Owner owner(world);
  owner.close.allow_round_trip(20s);
  owner.run();
  EXPECT_EQ(owner.lasted, 3s);
}

TEST(ListenerClose, WithoutIfindexDropsSynsByFilter) {
  World world(tcp_socket(), {.no_ifindex = true});
  const auto in_flight = world.knock(world.now(), 100ms);
  world.advance(60ms);
  Owner owner(world);
  const auto later = world.knock(world.now() + 10ms, 10ms);
  world.advance(500ms);
  EXPECT_EQ(world.fate(later), Fate::pending);
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::filter);
  EXPECT_EQ(world.fate(in_flight), Fate::accepted);
  EXPECT_EQ(world.fate(later), Fate::refused);
  EXPECT_THAT(world.calls(), ElementsAre("drops SYNs", "closes the listener"));
}

TEST(ListenerClose, WithoutIfindexAndFilterWaitsForAQuietInstantPastTheFirstRetransmission) {
  World world(tcp_socket(), {.no_ifindex = true, .no_filter = true});
  Owner owner(world);
  const auto last = world.knock(world.now() + 1190ms, 200ms);
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::quiet_period);
  EXPECT_EQ(world.fate(last), Fate::accepted);
  EXPECT_GE(owner.lasted, 1390ms);
}

TEST(ListenerClose, DoesNotTryAnIfindexThatFailedItsSelfTest) {
  World world;
  Owner owner(world, {.ifindex_works = false});
  owner.run();
  EXPECT_THAT(world.calls(), ElementsAre("drops SYNs", "closes the listener"));
}

TEST(ListenerClose, WaitsAFixedTimeWhereTheQueueCannotBeSeen) {
  World world(tcp_socket(), {.no_sock_diag = true});
  const auto slow = world.knock(world.now(), 1100ms);
  world.advance(560ms);
  Owner owner(world);
  owner.run();
  EXPECT_EQ(owner.lasted, 1200ms);
  EXPECT_EQ(world.fate(slow), Fate::accepted);
  EXPECT_EQ(owner.close.left(), 0);
}

TEST(ListenerClose, AfterAnOverflowLetsCookiesThroughByFilter) {
  World world;
  const auto cookie = world.knock(world.now(), 1400ms, Handshake::cookie);
  world.advance(710ms);
  Owner owner(world, {.overflowed_lately = true});
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::filter);
  EXPECT_EQ(world.fate(cookie), Fate::accepted);
  EXPECT_THAT(world.calls(), ElementsAre("makes room in the queue", "drops SYNs", "closes the listener"));
}

TEST(ListenerClose, AfterAnOverflowWithoutFilterLetsCookiesRunOutBeforeItStopsNewOnes) {
  World world(tcp_socket(), {.no_filter = true});
  const auto cookie = world.knock(world.now(), 1400ms, Handshake::cookie);
  world.advance(710ms);
  Owner owner(world, {.overflowed_lately = true});
  const auto meanwhile = world.knock(world.now() + 1s, 10ms);
  const auto later = world.knock(world.now() + 1600ms, 10ms);
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::ifindex);
  EXPECT_EQ(world.fate(cookie), Fate::accepted);
  EXPECT_EQ(world.fate(meanwhile), Fate::accepted);
  EXPECT_EQ(world.fate(later), Fate::refused);
  EXPECT_EQ(owner.lasted, 1650ms);
  EXPECT_THAT(world.calls(),
              ElementsAre("makes room in the queue", "stops matching SYNs", "closes the listener"));
}

TEST(ListenerClose, OfAUnixSocketIsExactAndAtOnce) {
  World world(unix_socket());
  const auto queued = world.knock(world.now() + 1ms, 0ms);
  world.advance(10ms);
  Owner owner(world);
  const auto later = world.knock(world.now() + 1ms, 0ms);
  world.advance(10ms);
  EXPECT_EQ(owner.close.step(world.now()), std::nullopt);
  owner.finish();
  EXPECT_EQ(world.fate(queued), Fate::accepted);
  EXPECT_EQ(world.fate(later), Fate::refused);
  EXPECT_EQ(owner.close.method(), Method::unix_socket);
  EXPECT_THAT(world.calls(), ElementsAre("shuts the listener", "unlinks its socket", "closes the listener"));
}

TEST(ListenerClose, OfASharedSocketTouchesNothingButOurCopy) {
  for (const sys::Address& address : {tcp_socket(), unix_socket()}) {
    World world(address);
    Owner owner(world, {.shared = true, .overflowed_lately = true});
    EXPECT_EQ(owner.close.step(world.now()), std::nullopt);
    owner.finish();
    EXPECT_EQ(owner.close.method(), Method::shared);
    EXPECT_THAT(world.calls(), ElementsAre("closes the listener"));
  }
}

struct LastAccept {
  int error;
  bool goes_on;
};

class Accepting : public ::testing::TestWithParam<LastAccept> {};

TEST_P(Accepting, StopsOnlyWhereNoFurtherConnectionCanBeHad) {
  World world;
  const auto queued = world.knock(world.now() + 1ms, 2ms);
  world.advance(10ms);
  Owner owner(world);
  world.kernel().fail_next_accept(GetParam().error);
  owner.finish();
  EXPECT_EQ(world.fate(queued), GetParam().goes_on ? Fate::accepted : Fate::reset);
  EXPECT_EQ(owner.close.left(), GetParam().goes_on ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(ListenerClose, Accepting,
                         ::testing::Values(LastAccept{-ECONNABORTED, true}, LastAccept{-EPROTO, true},
                                           LastAccept{-EPERM, true}, LastAccept{-EMFILE, false},
                                           LastAccept{-ENOBUFS, false}));

bool trusts_the_ifindex(const sim::Faults& faults) {
  World world(tcp_socket(), faults);
  world.kernel().arm(true);
  bool trusts = false;
  const sim::Fiber& thread =
      world.kernel().fibers().start([&trusts] { trusts = ListenerClose::self_test(); });
  EXPECT_TRUE(world.kernel().fibers().run([&thread] { return sim::has_ended(thread); }));
  return trusts;
}

TEST(ListenerClose, TrustsTheIfindexOnlyIfItRefuses) {
  EXPECT_TRUE(trusts_the_ifindex({}));
  EXPECT_FALSE(trusts_the_ifindex({.no_ifindex = true}));
  EXPECT_FALSE(trusts_the_ifindex({.no_ifindex = true, .ifindex_lies = true}));
  EXPECT_FALSE(trusts_the_ifindex({.connect = 100}));
}

// Clients that knock before, at and after the close, with round trips up to a second. The first half came by
// cookie if the queue had overflowed; then none comes so any more, because the queue has room again.
class RandomStorm : public ::testing::TestWithParam<unsigned> {
 protected:
  static void let_knock(World& world, Time close, bool by_cookie) {
    sim::Random& random = world.kernel().random();
    const Time when = close + random.between(-200ms, by_cookie ? 0ms : 200ms);
    const Duration round_trip = random.between(100us, 1s);
    world.knock(when, round_trip, by_cookie ? Handshake::cookie : Handshake::entry);
  }
};

TEST_P(RandomStorm, ResetsNobody) {
  constexpr int kClients = 100;
  sim::Random random(GetParam());
  const bool overflowed = random.percent(25);
  const bool no_filter = random.percent(50);
  World world(tcp_socket(), {.no_ifindex = !no_filter && random.percent(50), .no_filter = no_filter},
              GetParam());
  const Time close = world.now() + 1s;
  for (int i = 0; i < kClients; ++i) {
    let_knock(world, close, overflowed && i < kClients / 2);
  }
  world.advance_to(close);
  Owner owner(world, {.overflowed_lately = overflowed});
  owner.run();
  EXPECT_EQ(world.count(Fate::reset), 0U);
  EXPECT_EQ(world.count(Fate::pending), 0U);
}

INSTANTIATE_TEST_SUITE_P(ListenerClose, RandomStorm, ::testing::Range(0U, 1000U));

}  // namespace
}  // namespace lastcall::net
