#include "wrapper/service_manager.h"

#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::wrapper {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ServiceManagerTest : public testing::Test {
 protected:
  ServiceManager manager(Duration watchdog = {}) {
    return {{.socket = sys::local_address(socket_.get()), .watchdog = watchdog}, logger_};
  }

  /// What the manager has heard since the last call, a message each.
  std::vector<std::string> heard() {
    std::vector<std::string> messages;
    while (const auto message = sys::next_datagram(socket_.get())) {
      messages.push_back(message->bytes);
    }
    return messages;
  }

  sys::UniqueFd socket_{sys::open_datagrams()};
  std::string log_;
  log::Logger logger_{log::Level::debug, log::Format::json, [this](std::string_view line) { log_ += line; },
                      [] { return std::int64_t{0}; }};
  const Time now_{1h};
};

TEST_F(ServiceManagerTest, WithoutASocketSaysNothingAndNeverWakesAnybody) {
  ServiceManager nobody({}, logger_);
  nobody.ready();
  nobody.stopping(now_ + 10s);
  EXPECT_FALSE(nobody.wants_status(now_));
  EXPECT_FALSE(nobody.wants_sign_of_life(now_));
  EXPECT_EQ(nobody.tick(now_), Time::max());
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(ServiceManagerTest, MergesWhatIsToBeSaidIntoOneMessage) {
  ServiceManager told = manager();
  told.ready();
  EXPECT_EQ(told.tick(now_), Time::max());
  EXPECT_THAT(heard(), ElementsAre("READY=1\nSTATUS=serving\n"));
}

TEST_F(ServiceManagerTest, AsksForMoreTimeAtHalfOfWhatItHasAndNeverBeyondTheEnd) {
  ServiceManager told = manager();
  told.stopping(now_ + 12s);
  EXPECT_TRUE(told.wants_status(now_));
  told.status("draining", now_);
  EXPECT_EQ(told.tick(now_), now_ + ServiceManager::kStatusInterval);
  EXPECT_THAT(heard(), ElementsAre("EXTEND_TIMEOUT_USEC=10000000\nSTATUS=draining\nSTOPPING=1\n"));

  told.status("draining", now_ + 4s);
  static_cast<void>(told.tick(now_ + 4s));
  EXPECT_THAT(heard(), ElementsAre("STATUS=draining\n"));

  told.status("draining", now_ + 5s);
  static_cast<void>(told.tick(now_ + 5s));
  EXPECT_THAT(heard(), ElementsAre("EXTEND_TIMEOUT_USEC=7000000\nSTATUS=draining\n"));

  told.status("late", now_ + 12s);
  static_cast<void>(told.tick(now_ + 12s));
  EXPECT_THAT(heard(), ElementsAre("STATUS=late\n"));
}

TEST_F(ServiceManagerTest, GivesASignOfLifeTwiceAnInterval) {
  ServiceManager told = manager(2s);
  EXPECT_TRUE(told.wants_sign_of_life(now_));
  told.alive(now_);
  EXPECT_EQ(told.tick(now_), now_ + 1s);
  EXPECT_FALSE(told.wants_sign_of_life(now_ + 999ms));
  EXPECT_TRUE(told.wants_sign_of_life(now_ + 1s));
  EXPECT_THAT(heard(), ElementsAre("WATCHDOG=1\n"));
}

TEST_F(ServiceManagerTest, KeepsWhatTheManagerHasNoRoomForAndSaysTheNewest) {
  while (sys::send_datagram(sys::local_address(socket_.get()), "x") == 0) {
  }
  ServiceManager told = manager();
  told.ready();
  EXPECT_EQ(told.tick(now_), now_ + ServiceManager::kRetryInterval);
  heard();
  told.stopping(now_ + 10s);
  static_cast<void>(told.tick(now_ + ServiceManager::kRetryInterval));
  EXPECT_THAT(heard(), ElementsAre("READY=1\nSTATUS=serving\nSTOPPING=1\n"));
}

TEST_F(ServiceManagerTest, SaysOnceThatNobodyIsThere) {
  ServiceManager told = manager();
  socket_.reset();
  told.ready();
  EXPECT_EQ(told.tick(now_), Time::max());
  told.ready();
  static_cast<void>(told.tick(now_));
  EXPECT_THAT(log_, HasSubstr("notify_failed"));
  EXPECT_EQ(log_.find("notify_failed"), log_.rfind("notify_failed"));
}

}  // namespace
}  // namespace lastcall::wrapper
