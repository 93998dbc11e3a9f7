#include "net/bytes.h"

#include <string>

#include <gtest/gtest.h>

namespace lastcall::net {
namespace {

TEST(Bytes, AQueueThatNeverRunsEmptyKeepsItsBytesAndItsSize) {
  Bytes queue;
  std::string expected;
  const char* lowest = nullptr;
  const char* highest = nullptr;
  for (int i = 0; i < 10'000; ++i) {
    const std::string more = std::to_string(i);
    queue.append(more);
    expected += more;
    if (expected.size() > 400) {
      queue.consume(300);
      expected.erase(0, 300);
      const char* at = queue.view().data();
      lowest = lowest == nullptr || at < lowest ? at : lowest;
      highest = highest == nullptr || at > highest ? at : highest;
    }
    ASSERT_EQ(queue.view(), expected);
  }
  EXPECT_LT(highest - lowest, 8192);
}

TEST(Bytes, HoldsNothingOnceReleased) {
  Bytes bytes;
  bytes.append("abc");
  bytes.release();
  EXPECT_TRUE(bytes.empty());
  bytes.append("d");
  EXPECT_EQ(bytes.view(), "d");
}

}  // namespace
}  // namespace lastcall::net
