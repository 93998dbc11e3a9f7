#include "drain/gate.h"

#include <atomic>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace lastcall::drain {
namespace {

TEST(Gate, CountsTheWorkInFlight) {
  Gate gate;
  std::optional<Permit> first = gate.try_enter();
  std::optional<Permit> second = gate.try_enter();
  EXPECT_EQ(gate.in_flight(), 2U);
  first.reset();
  EXPECT_EQ(gate.in_flight(), 1U);
  EXPECT_FALSE(second->release());
  EXPECT_EQ(gate.in_flight(), 0U);
}

TEST(Gate, RefusesWorkOnceClosed) {
  Gate gate;
  EXPECT_TRUE(gate.close());
  EXPECT_FALSE(gate.try_enter());
  EXPECT_EQ(gate.in_flight(), 0U);
  EXPECT_TRUE(gate.drained());
}

TEST(Gate, IsDrainedOnlyOnceClosedAndEmpty) {
  Gate gate;
  std::optional<Permit> permit = gate.try_enter();
  EXPECT_FALSE(gate.close());
  EXPECT_TRUE(gate.closed());
  EXPECT_FALSE(gate.drained());
  EXPECT_TRUE(permit->release());
  EXPECT_TRUE(gate.drained());
}

TEST(Gate, APermitLeavesOnlyOnce) {
  Gate gate;
  std::optional<Permit> permit = gate.try_enter();
  Permit moved = std::move(*permit);
  EXPECT_FALSE(permit->release());
  EXPECT_EQ(gate.in_flight(), 1U);
  EXPECT_FALSE(moved.release());
  EXPECT_FALSE(moved.release());
  EXPECT_EQ(gate.in_flight(), 0U);
}

TEST(Gate, APermitTakenOverReleasesTheOneThatItHeld) {
  Gate gate;
  Permit kept = *gate.try_enter();
  kept = *gate.try_enter();
  EXPECT_EQ(gate.in_flight(), 1U);
}

TEST(Gate, LetsWhoIsInsideBringAnotherThoughItIsClosed) {
  Gate gate;
  ASSERT_TRUE(gate.enter());
  gate.close();
  gate.fork();
  EXPECT_FALSE(gate.enter());
  EXPECT_FALSE(gate.leave());
  EXPECT_EQ(gate.in_flight(), 1U);
  EXPECT_TRUE(gate.leave());
}

TEST(Gate, CountsWhoHasLeft) {
  Gate gate;
  std::optional<Permit> stays = gate.try_enter();
  gate.try_enter().reset();
  gate.try_enter().reset();
  EXPECT_EQ(gate.left(), 2U);
  gate.close();
  EXPECT_EQ(gate.left(), 2U);
  EXPECT_EQ(gate.in_flight(), 1U);
}

/// Enters and leaves until refused; the closer closes after a few entries. Counts what it was told.
void work(Gate& gate, std::atomic<int>& told, bool closer) {
  for (int entry = 0; std::optional<Permit> permit = gate.try_enter(); ++entry) {
    told += permit->release() ? 1 : 0;
    told += closer && entry == 20 && gate.close() ? 1 : 0;
  }
}

TEST(Gate, TellsExactlyOneThreadThatItIsDrained) {
  for (int round = 0; round < 200; ++round) {
    Gate gate;
    std::atomic<int> told = 0;
    {
      const std::jthread first([&] { work(gate, told, false); });
      const std::jthread second([&] { work(gate, told, false); });
      const std::jthread closer([&] { work(gate, told, true); });
    }
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(gate.drained());
  }
}

}  // namespace
}  // namespace lastcall::drain
