#include "net/accept_thread.h"

#include <cerrno>
#include <latch>
#include <vector>

#include <gtest/gtest.h>

namespace lastcall::net {
namespace {

class Accepting : public ::testing::Test {
 protected:
  Accepting() : listener_(sys::listen_on(sys::loopback_ipv4(0), AcceptThread::kBacklog)) {
    address_ = sys::local_address(listener_.get());
  }

  AcceptThread::OnAccept count_down(std::latch& latch) {
    return [this, &latch](sys::UniqueFd fd) {
      accepted_.push_back(std::move(fd));
      latch.count_down();
    };
  }

  sys::UniqueFd connect() { return sys::UniqueFd(sys::connect_to(address_)); }

  bool refuses() {
    const sys::UniqueFd attempt = connect();
    if (!attempt) {
      return attempt.get() == -ECONNREFUSED;
    }
    const sys::UniqueFd poller(sys::poller_create());
    sys::poller_add(poller.get(), attempt.get(), sys::kWritable, nullptr);
    sys::ReadyEvent answer[1];
    return sys::poller_wait(poller.get(), answer, Duration::max()) == 1 &&
           sys::socket_error(attempt.get()) == -ECONNREFUSED;
  }

  sys::UniqueFd listener_;
  sys::Address address_;
  std::vector<sys::UniqueFd> accepted_;
};

TEST_F(Accepting, HandsOnEveryConnection) {
  std::latch three(3);
  AcceptThread thread(std::move(listener_), count_down(three));
  const auto a = connect();
  const auto b = connect();
  const auto c = connect();
  three.wait();
  EXPECT_EQ(accepted_.size(), 3U);
}

TEST_F(Accepting, ClosedItRefusesNewOnes) {
  std::latch none(1);
  AcceptThread thread(std::move(listener_), count_down(none));
  thread.close({});
  EXPECT_TRUE(refuses());
  thread.close({});
}

TEST_F(Accepting, WhoWaitedInTheQueueOfAPausedListenerIsServedAtTheClose) {
  std::latch two(2);
  AcceptThread thread(std::move(listener_), count_down(two));
  thread.pause();
  const auto a = connect();
  const auto b = connect();
  thread.close({});
  two.wait();
  EXPECT_EQ(accepted_.size(), 2U);
}

TEST_F(Accepting, AForcedCloseWaitsForNoHandshake) {
  std::latch one(1);
  AcceptThread thread(std::move(listener_), count_down(one));
  const auto a = connect();
  one.wait();
  std::stop_source forced;
  forced.request_stop();
  thread.close(forced.get_token());
  EXPECT_TRUE(refuses());
}

TEST_F(Accepting, AcceptsAgainAfterAPause) {
  std::latch one(1);
  AcceptThread thread(std::move(listener_), count_down(one));
  thread.pause();
  thread.resume();
  const auto a = connect();
  one.wait();
  EXPECT_EQ(accepted_.size(), 1U);
}

}  // namespace
}  // namespace lastcall::net
