// What the orders service keeps of those who wait for an order.
#include "feed.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace orders {
namespace {

namespace asio = boost::asio;

class FeedTest : public ::testing::Test {
 protected:
  /// As a request waits.
  std::shared_ptr<asio::steady_timer> wait_for(std::int64_t order) {
    auto timer = std::make_shared<asio::steady_timer>(io_, asio::steady_timer::time_point::max());
    timer->async_wait([this, order, timer](boost::system::error_code) {
      ++over_;
      feed_.forget(order, timer);
    });
    feed_.wake(order, timer);
    return timer;
  }

  asio::io_context io_;
  Feed feed_;
  int over_ = 0;
};

TEST_F(FeedTest, AChangeEndsTheWaitsForItsOrderAlone) {
  wait_for(1);
  wait_for(1);
  const auto other = wait_for(2);
  feed_.publish({.id = 1});
  io_.run_one();
  io_.poll();
  EXPECT_EQ(over_, 2);
  EXPECT_EQ(feed_.waiting(), 1U);
  other->cancel();
  io_.run();
}

TEST_F(FeedTest, KeepsNothingOfAWaitThatIsOver) {
  for (std::int64_t order = 0; order < 100; ++order) {
    wait_for(order)->cancel();
  }
  io_.run();
  EXPECT_EQ(over_, 100);
  EXPECT_EQ(feed_.waiting(), 0U);
}

}  // namespace
}  // namespace orders
