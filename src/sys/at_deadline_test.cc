#include "sys/at_deadline.h"

#include <sys/socket.h>

#include <atomic>
#include <future>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

TEST(AtDeadline, CallsWhenTheInstantHasCome) {
  const Time deadline = now() + 5ms;
  std::promise<Time> called;
  const AtDeadline guard(deadline, {}, [&] { called.set_value(now()); });
  EXPECT_GE(called.get_future().get(), deadline);
}

TEST(AtDeadline, CallsAtOnceWhenAStopIsAskedFor) {
  std::jthread step([](const std::stop_token& stop) {
    std::promise<void> called;
    const AtDeadline guard(Time::max(), stop, [&] { called.set_value(); });
    called.get_future().wait();
  });
  step.request_stop();
}

TEST(AtDeadline, DoesNotCallOnceDestroyed) {
  std::atomic called = false;
  {
    const AtDeadline guard(now() + 1h, {}, [&] { called = true; });
  }
  EXPECT_FALSE(called);
}

TEST(Sever, WakesAThreadThatIsBlockedInARead) {
  int pair[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);
  const AtDeadline guard(now() + 5ms, {}, [&] { sever(ours.get()); });
  char byte = 0;
  EXPECT_EQ(::read(ours.get(), &byte, 1), 0);
}

TEST(Duplicate, IsTheSameSocketUnderItsOwnNumber) {
  int pair[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd theirs(pair[1]);
  const UniqueFd copy(duplicate(pair[0]));
  ASSERT_TRUE(copy);
  ::close(pair[0]);
  sever(copy.get());
  char byte = 0;
  EXPECT_EQ(::read(theirs.get(), &byte, 1), 0);
}

}  // namespace
}  // namespace lastcall::sys
