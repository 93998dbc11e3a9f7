// ListenerClose on a simulated kernel: each way to stop new connections, each fault, and a thousand random
// storms.
#include <errno.h>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/listener_close.h"
#include "testing/simulated_kernel.h"

namespace lastcall::net {
namespace {

using ::testing::ElementsAre;
using Kernel = lastcall::testing::SimulatedKernel;
using Fate = Kernel::Fate;
using Handshake = Kernel::Handshake;
using Method = ListenerClose::Method;

sys::Address tcp_socket() {
  return {.family = sys::Address::Family::ipv4, .ip = {127, 0, 0, 1}, .port = 8080};
}

sys::Address unix_socket() {
  return {.family = sys::Address::Family::unix_path, .path = "/run/app.sock"};
}

/// The owner of a close: a loop that accepts whatever has arrived and calls step() when it is asked to.
struct Owner {
  Kernel& kernel;
  ListenerClose close;
  Duration lasted{};

  Owner(Kernel& with, const ListenerClose::Options& options)
      : kernel(with), close(Kernel::kListener, options, with.now()) {}

  void accept_all() {
    while (sys::accept(Kernel::kListener, nullptr) >= 0) {
    }
  }

  void run() {
    const Time start = kernel.now();
    for (std::optional<Time> next = start; next; next = close.step(kernel.now())) {
      ASSERT_LE(*next - start, 10s);
      kernel.advance_to(*next);
      accept_all();
    }
    lasted = kernel.now() - start;
    close.finish(sys::UniqueFd(Kernel::kListener), [](sys::UniqueFd, const sys::Address&) {});
    kernel.advance_to(kernel.now() + 10s);
  }
};

TEST(ListenerClose, ServesAHandshakeInFlightAndRefusesLaterClientsAtOnce) {
  Kernel kernel(tcp_socket());
  const auto in_flight = kernel.knock(kernel.now() + 1ms, 400ms);
  kernel.advance_to(kernel.now() + 10ms);
  Owner owner(kernel, {});
  const auto later = kernel.knock(kernel.now() + 1ms, 10ms);
  owner.run();
  EXPECT_EQ(kernel.fate(in_flight), Fate::accepted);
  EXPECT_EQ(kernel.fate(later), Fate::refused);
  EXPECT_EQ(owner.close.method(), Method::ifindex);
  EXPECT_EQ(owner.close.found(), 1);
  EXPECT_EQ(owner.close.left(), 0);
  EXPECT_THAT(kernel.calls(), ElementsAre("stop_matching_syns", "close"));
}

TEST(ListenerClose, WithNobodyInFlightEndsAtTheSecondEmptyLook) {
  Kernel kernel(tcp_socket());
  Owner owner(kernel, {});
  owner.run();
  EXPECT_EQ(owner.lasted, 150ms);
}

TEST(ListenerClose, WaitsAtLeastTwiceTheLargestRoundTrip) {
  Kernel kernel(tcp_socket());
  Owner owner(kernel, {});
  owner.close.allow_round_trip(20ms);
  owner.close.allow_round_trip(300ms);
  owner.close.allow_round_trip(80ms);
  owner.run();
  EXPECT_EQ(owner.lasted, 650ms);
}

TEST(ListenerClose, LooksAgainWhenAHandshakeShowsBetweenTwoEmptyLooks) {
  Kernel kernel(tcp_socket());
  Owner owner(kernel, {});
  ASSERT_EQ(owner.close.step(kernel.now() + 100ms), kernel.now() + 150ms);
  kernel.faults.handshakes_in_flight = 1;
  ASSERT_EQ(owner.close.step(kernel.now() + 150ms), kernel.now() + 200ms);
  kernel.faults.handshakes_in_flight = 0;
  ASSERT_EQ(owner.close.step(kernel.now() + 200ms), kernel.now() + 250ms);
  EXPECT_EQ(owner.close.step(kernel.now() + 250ms), std::nullopt);
}

TEST(ListenerClose, WaitsWhileTheAcceptQueueHoldsSomebody) {
  Kernel kernel(tcp_socket());
  Owner owner(kernel, {});
  kernel.faults.accept_queue_length = 1;
  ASSERT_EQ(owner.close.step(kernel.now() + 150ms), kernel.now() + 200ms);
  kernel.faults.accept_queue_length = -EOPNOTSUPP;
  ASSERT_EQ(owner.close.step(kernel.now() + 200ms), kernel.now() + 250ms);
  EXPECT_EQ(owner.close.step(kernel.now() + 250ms), std::nullopt);
}

TEST(ListenerClose, GivesUpAtTheCapAndSaysWhatIsLeft) {
  Kernel kernel(tcp_socket());
  kernel.knock(kernel.now() + 1ms, 63s);
  kernel.advance_to(kernel.now() + 10ms);
  Owner owner(kernel, {});
  owner.run();
  EXPECT_EQ(owner.lasted, 3s);
  EXPECT_EQ(owner.close.left(), 1);
}

TEST(ListenerClose, CountsTheHandshakesThatAForcedEndLeaves) {
  Kernel kernel(tcp_socket());
  kernel.knock(kernel.now() + 1ms, 400ms);
  kernel.advance_to(kernel.now() + 10ms);
  ListenerClose close(Kernel::kListener, {}, kernel.now());
  close.finish(sys::UniqueFd(Kernel::kListener), [](sys::UniqueFd, const sys::Address&) {});
  EXPECT_EQ(close.left(), 1);
}

TEST(ListenerClose, NeverWaitsLongerThanTheCapForARoundTrip) {
  Kernel kernel(tcp_socket());
  Owner owner(kernel, {});
  owner.close.allow_round_trip(20s);
  owner.run();
  EXPECT_EQ(owner.lasted, 3s);
}

class WithoutIfindex : public ::testing::TestWithParam<int> {};

TEST_P(WithoutIfindex, DropsSynsByFilter) {
  Kernel kernel(tcp_socket());
  kernel.faults.stop_matching_syns = GetParam();
  kernel.knock(kernel.now() + 1ms, 100ms);
  kernel.advance_to(kernel.now() + 10ms);
  Owner owner(kernel, {});
  kernel.knock(kernel.now() + 1ms, 10ms);
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::filter);
  EXPECT_EQ(kernel.count(Fate::accepted), 1U);
  EXPECT_EQ(kernel.count(Fate::dropped), 1U);
  EXPECT_THAT(kernel.calls(), ElementsAre("stop_matching_syns", "drop_syns", "close"));
}

TEST_P(WithoutIfindex, AndWithoutFilterWaitsForAQuietInstantPastTheFirstRetransmission) {
  Kernel kernel(tcp_socket());
  kernel.faults.stop_matching_syns = GetParam();
  kernel.faults.drop_syns = -EPERM;
  Owner owner(kernel, {});
  const auto last = kernel.knock(kernel.now() + 1190ms, 200ms);
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::quiet_period);
  EXPECT_EQ(kernel.fate(last), Fate::accepted);
  EXPECT_GE(owner.lasted, 1390ms);
}

INSTANTIATE_TEST_SUITE_P(ListenerClose, WithoutIfindex, ::testing::Values(-EPERM, -ENOPROTOOPT));

TEST(ListenerClose, DoesNotTryAnIfindexThatFailedItsSelfTest) {
  Kernel kernel(tcp_socket());
  Owner owner(kernel, {.ifindex_works = false});
  owner.run();
  EXPECT_THAT(kernel.calls(), ElementsAre("drop_syns", "close"));
}

TEST(ListenerClose, WaitsAFixedTimeWhereTheQueueCannotBeSeen) {
  Kernel kernel(tcp_socket());
  kernel.faults.handshakes_in_flight = -EAFNOSUPPORT;
  const auto slow = kernel.knock(kernel.now() + 1ms, 1100ms);
  kernel.advance_to(kernel.now() + 10ms);
  Owner owner(kernel, {});
  owner.run();
  EXPECT_EQ(owner.lasted, 1200ms);
  EXPECT_EQ(kernel.fate(slow), Fate::accepted);
  EXPECT_EQ(owner.close.left(), 0);
}

TEST(ListenerClose, AfterAnOverflowLetsCookiesThroughByFilter) {
  Kernel kernel(tcp_socket());
  const auto cookie = kernel.knock(kernel.now() + 1ms, 1400ms, Handshake::cookie);
  kernel.advance_to(kernel.now() + 10ms);
  Owner owner(kernel, {.overflowed_lately = true});
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::filter);
  EXPECT_EQ(kernel.fate(cookie), Fate::accepted);
  EXPECT_THAT(kernel.calls(), ElementsAre("set_backlog", "drop_syns", "close"));
}

TEST(ListenerClose, AfterAnOverflowWithoutFilterLetsCookiesRunOutBeforeItStopsNewOnes) {
  Kernel kernel(tcp_socket());
  kernel.faults.drop_syns = -EPERM;
  const auto cookie = kernel.knock(kernel.now() + 1ms, 1400ms, Handshake::cookie);
  kernel.advance_to(kernel.now() + 10ms);
  Owner owner(kernel, {.overflowed_lately = true});
  const auto meanwhile = kernel.knock(kernel.now() + 1s, 10ms);
  const auto later = kernel.knock(kernel.now() + 1600ms, 10ms);
  owner.run();
  EXPECT_EQ(owner.close.method(), Method::ifindex);
  EXPECT_EQ(kernel.fate(cookie), Fate::accepted);
  EXPECT_EQ(kernel.fate(meanwhile), Fate::accepted);
  EXPECT_EQ(kernel.fate(later), Fate::refused);
  EXPECT_EQ(owner.lasted, 1650ms);
  EXPECT_THAT(kernel.calls(), ElementsAre("set_backlog", "drop_syns", "stop_matching_syns", "close"));
}

TEST(ListenerClose, OfAUnixSocketIsExactAndAtOnce) {
  Kernel kernel(unix_socket());
  kernel.knock(kernel.now() + 1ms, 0ms);
  kernel.advance_to(kernel.now() + 10ms);
  Owner owner(kernel, {});
  const auto later = kernel.knock(kernel.now() + 1ms, 0ms);
  EXPECT_EQ(owner.close.step(kernel.now()), std::nullopt);
  owner.close.finish(sys::UniqueFd(Kernel::kListener), [](sys::UniqueFd, const sys::Address&) {});
  kernel.advance_to(kernel.now() + 10ms);
  EXPECT_EQ(kernel.count(Fate::accepted), 1U);
  EXPECT_EQ(kernel.fate(later), Fate::refused);
  EXPECT_EQ(owner.close.method(), Method::unix_socket);
  EXPECT_THAT(kernel.calls(), ElementsAre("shutdown_read", "unlink", "close"));
}

TEST(ListenerClose, OfASharedSocketTouchesNothingButOurCopy) {
  for (const sys::Address& address : {tcp_socket(), unix_socket()}) {
    Kernel kernel(address);
    Owner owner(kernel, {.shared = true, .overflowed_lately = true});
    EXPECT_EQ(owner.close.step(kernel.now()), std::nullopt);
    owner.close.finish(sys::UniqueFd(Kernel::kListener), [](sys::UniqueFd, const sys::Address&) { FAIL(); });
    EXPECT_EQ(owner.close.method(), Method::shared);
    EXPECT_THAT(kernel.calls(), ElementsAre("close"));
  }
}

struct LastAccept {
  int error;
  bool goes_on;
};

class Accepting : public ::testing::TestWithParam<LastAccept> {};

TEST_P(Accepting, StopsOnlyWhereNoFurtherConnectionCanBeHad) {
  Kernel kernel(tcp_socket());
  kernel.knock(kernel.now() + 1ms, 1ms);
  kernel.advance_to(kernel.now() + 10ms);
  ListenerClose close(Kernel::kListener, {}, kernel.now());
  kernel.faults.accept = {GetParam().error};
  int accepted = 0;
  close.finish(sys::UniqueFd(Kernel::kListener), [&](sys::UniqueFd, const sys::Address&) { ++accepted; });
  EXPECT_EQ(accepted, GetParam().goes_on ? 1 : 0);
  EXPECT_EQ(close.left(), GetParam().goes_on ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(ListenerClose, Accepting,
                         ::testing::Values(LastAccept{-ECONNABORTED, true}, LastAccept{-EPROTO, true},
                                           LastAccept{-EPERM, true}, LastAccept{-EMFILE, false},
                                           LastAccept{-ENOBUFS, false}));

TEST(ListenerClose, TrustsTheIfindexOnlyIfItRefuses) {
  Kernel kernel(tcp_socket());
  EXPECT_TRUE(ListenerClose::self_test());
  kernel.faults.connect = -ECONNREFUSED;
  EXPECT_TRUE(ListenerClose::self_test());
  kernel.faults.connect = -ENETUNREACH;
  EXPECT_FALSE(ListenerClose::self_test());
  kernel.faults = {.socket_error = 0};
  EXPECT_FALSE(ListenerClose::self_test());
  kernel.faults = {.stop_matching_syns = -EPERM};
  EXPECT_FALSE(ListenerClose::self_test());
}

// Clients that knock before, at and after the close, with round trips up to a second. The first half came by
// cookie if the queue had overflowed; then none comes so any more, because the queue has room again.
class RandomStorm : public ::testing::TestWithParam<unsigned> {
 protected:
  int pick(int from, int to) { return std::uniform_int_distribution<>(from, to)(random_); }

  void let_knock(Kernel& kernel, Time close, bool by_cookie) {
    const Duration when = std::chrono::milliseconds(by_cookie ? pick(-200, 0) : pick(-200, 200));
    const Duration round_trip = std::chrono::microseconds(pick(100, 1'000'000));
    kernel.knock(close + when, round_trip, by_cookie ? Handshake::cookie : Handshake::entry);
  }

 private:
  std::mt19937 random_{GetParam()};
};

TEST_P(RandomStorm, ResetsNobody) {
  Kernel kernel(tcp_socket());
  const bool overflowed = pick(0, 3) == 0;
  kernel.faults.drop_syns = pick(0, 1) == 0 ? -EPERM : 0;
  kernel.faults.stop_matching_syns = kernel.faults.drop_syns == 0 && pick(0, 1) == 0 ? -EPERM : 0;
  const Time close = kernel.now() + 1s;
  for (int i = 0; i < 100; ++i) {
    let_knock(kernel, close, overflowed && i < 50);
  }
  kernel.advance_to(close);
  Owner owner(kernel, {.overflowed_lately = overflowed});
  owner.run();
  EXPECT_EQ(kernel.count(Fate::reset), 0U);
  EXPECT_EQ(kernel.count(Fate::pending), 0U);
}

INSTANTIATE_TEST_SUITE_P(ListenerClose, RandomStorm, ::testing::Range(0U, 1000U));

}  // namespace
}  // namespace lastcall::net
