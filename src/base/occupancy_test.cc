#include "base/occupancy.h"

#include <thread>

#include <gtest/gtest.h>

namespace lastcall {
namespace {

using Entry = Occupancy::Entry;

TEST(Occupancy, LetsInAsManyAsItHasPlaces) {
  Occupancy occupancy(2);
  EXPECT_EQ(occupancy.enter(Time::min()), Entry::entered);
  EXPECT_EQ(occupancy.enter(Time::min()), Entry::entered);
  EXPECT_EQ(occupancy.enter(Time::min()), Entry::late);
  occupancy.leave();
  EXPECT_EQ(occupancy.enter(Time::min()), Entry::entered);
}

TEST(Occupancy, LetsInWhoeverWaitsOnceAPlaceIsFree) {
  Occupancy occupancy(1);
  ASSERT_EQ(occupancy.enter(Time::min()), Entry::entered);
  Entry entry = Entry::late;
  std::thread waiting([&] { entry = occupancy.enter(Time::max()); });
  occupancy.leave();
  waiting.join();
  EXPECT_EQ(entry, Entry::entered);
}

TEST(Occupancy, RefusesOnceClosedAndTellsHowManyAreInside) {
  Occupancy occupancy(1);
  ASSERT_EQ(occupancy.enter(Time::min()), Entry::entered);
  Entry entry = Entry::late;
  std::thread waiting([&] { entry = occupancy.enter(Time::max()); });
  EXPECT_EQ(occupancy.close(), 1);
  waiting.join();
  EXPECT_EQ(entry, Entry::closed);
  EXPECT_TRUE(occupancy.closed());
  EXPECT_EQ(occupancy.inside(), 1);
}

TEST(Occupancy, WaitsForTheLastToLeave) {
  Occupancy occupancy;
  ASSERT_EQ(occupancy.enter(Time::min()), Entry::entered);
  EXPECT_FALSE(occupancy.wait_until_empty(Time::min(), {}));
  std::thread leaving([&] { occupancy.leave(); });
  EXPECT_TRUE(occupancy.wait_until_empty(Time::max(), {}));
  leaving.join();
}

TEST(Occupancy, StopsWaitingWhenAskedTo) {
  Occupancy occupancy;
  ASSERT_EQ(occupancy.enter(Time::min()), Entry::entered);
  std::stop_source stop;
  bool empty = true;
  std::thread waiting([&] { empty = occupancy.wait_until_empty(Time::max(), stop.get_token()); });
  stop.request_stop();
  waiting.join();
  EXPECT_FALSE(empty);
}

}  // namespace
}  // namespace lastcall
