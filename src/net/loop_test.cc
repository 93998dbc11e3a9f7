#include "net/loop.h"

#include <thread>

#include <gtest/gtest.h>

namespace lastcall::net {
namespace {

TEST(Loop, RunsPostedTasksInOrderOnItsOwnThread) {
  Loop loop;
  std::vector<int> order;
  std::thread::id ran_on;
  std::thread other([&] {
    loop.post([&] { order.push_back(1); });
    loop.post([&] { order.push_back(2); });
    loop.post([&] {
      ran_on = std::this_thread::get_id();
      loop.stop();
    });
  });
  loop.run();
  other.join();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(Loop, WakesWhenItsHookAsked) {
  Loop loop;
  const Time start = sys::now();
  loop.on_batch([&](Time now) {
    if (now >= start + 5ms) {
      loop.stop();
    }
    return start + 5ms;
  });
  loop.run();
  EXPECT_GE(loop.now(), start + 5ms);
}

TEST(Loop, DoesNotWaitForAnInstantThatIsLongPast) {
  Loop loop;
  int calls = 0;
  loop.on_batch([&](Time) {
    if (++calls == 2) {
      loop.stop();
    }
    return Time::min();
  });
  loop.run();
  EXPECT_EQ(calls, 2);
}

class Retiring final : public Handler {
 public:
  Retiring(Loop& loop, bool& destroyed) : loop_(loop), destroyed_(destroyed), fd_(sys::wake_create()) {
    EXPECT_EQ(loop.watch(fd_.get(), sys::kReadable, *this), 0);
    sys::wake(fd_.get());
  }

  ~Retiring() override { destroyed_ = true; }

  void on_events(std::uint32_t) override {
    loop_.retire(std::unique_ptr<Handler>(this));
    EXPECT_FALSE(destroyed_);
    loop_.stop();
  }

 private:
  Loop& loop_;
  bool& destroyed_;
  sys::UniqueFd fd_;
};

TEST(Loop, DestroysARetiredHandlerAfterTheBatch) {
  Loop loop;
  bool destroyed = false;
  new Retiring(loop, destroyed);
  loop.run();
  EXPECT_TRUE(destroyed);
}

}  // namespace
}  // namespace lastcall::net
