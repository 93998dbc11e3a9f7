#include "sys/wait_ready.h"

#include <thread>

#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

TEST(WaitReady, ReturnsWhenTheDescriptorIsReady) {
  const UniqueFd awake(wake_create());
  wake(awake.get());
  EXPECT_EQ(wait_ready(awake.get(), kReadable, now() + 1h, {}), Waited::ready);
}

TEST(WaitReady, ReturnsWhenTheInstantHasCome) {
  const UniqueFd silent(wake_create());
  EXPECT_EQ(wait_ready(silent.get(), kReadable, now() + 2ms, {}), Waited::late);
  EXPECT_EQ(wait_ready(silent.get(), kReadable, Time::min(), {}), Waited::late);
}

TEST(WaitReady, ReturnsWhenAskedToStop) {
  const UniqueFd silent(wake_create());
  Waited waited = Waited::ready;
  std::jthread waiting(
      [&](const std::stop_token& stop) { waited = wait_ready(silent.get(), kReadable, now() + 1h, stop); });
  waiting.request_stop();
  waiting.join();
  EXPECT_EQ(waited, Waited::stopped);
}

}  // namespace
}  // namespace lastcall::sys
