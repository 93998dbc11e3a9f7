#include "lastcall/spdlog.h"

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "sys/sys.h"

namespace lastcall::spdlog {
namespace {

using namespace std::chrono_literals;

/// Counts, and may be held up.
class Counter final : public ::spdlog::sinks::base_sink<std::mutex> {
 public:
  std::atomic<int> written = 0;
  std::atomic<int> flushed = 0;
  std::shared_future<void> gate;  ///< waited for before each message, if there is one

 protected:
  void sink_it_(const ::spdlog::details::log_msg& /*message*/) override {
    if (gate.valid()) {
      gate.wait();
    }
    ++written;
  }

  void flush_() override { ++flushed; }
};

class Spdlog : public ::testing::Test {
 public:
  ~Spdlog() override { ::spdlog::shutdown(); }

 protected:
  /// A pool of its own, and the default logger on it.
  void log_asynchronously(std::size_t threads) const {
    ::spdlog::init_thread_pool(8192, threads);
    ::spdlog::set_default_logger(
        std::make_shared<::spdlog::async_logger>("app", counter_, ::spdlog::thread_pool()));
  }

  std::shared_ptr<Counter> counter_ = std::make_shared<Counter>();
};

TEST_F(Spdlog, WaitsUntilAnAsynchronousLogIsWritten) {
  log_asynchronously(1);
  for (int i = 0; i < 5000; ++i) {
    ::spdlog::info("message {}", i);
  }
  EXPECT_TRUE(flush(sys::now() + 1h, {}).complete);
  EXPECT_EQ(counter_->written, 5000);
  EXPECT_GE(counter_->flushed, 1);
}

TEST_F(Spdlog, WaitsForEveryThreadOfThePool) {
  log_asynchronously(4);
  for (int i = 0; i < 5000; ++i) {
    ::spdlog::info("message {}", i);
  }
  EXPECT_TRUE(flush(sys::now() + 1h, {}, {.threads = 4}).complete);
  EXPECT_EQ(counter_->written, 5000);
}

TEST_F(Spdlog, TellsWhatIsLeftWhenASinkHangs) {
  std::promise<void> released;
  counter_->gate = released.get_future().share();
  log_asynchronously(1);
  for (int i = 0; i < 10; ++i) {
    ::spdlog::info("message {}", i);
  }
  const Flushed flushed = flush(sys::now() + 10ms, {});
  EXPECT_FALSE(flushed.complete);
  EXPECT_GE(flushed.left, 9);
  released.set_value();
}

TEST_F(Spdlog, StopsWaitingWhenAskedTo) {
  std::promise<void> released;
  counter_->gate = released.get_future().share();
  log_asynchronously(1);
  ::spdlog::info("message");
  Flushed flushed{.complete = true};
  std::jthread step([&](const std::stop_token& stop) { flushed = flush(sys::now() + 1h, stop); });
  step.request_stop();
  step.join();
  EXPECT_FALSE(flushed.complete);
  released.set_value();
}

TEST_F(Spdlog, FlushesASynchronousLog) {
  ::spdlog::set_default_logger(std::make_shared<::spdlog::logger>("app", counter_));
  ::spdlog::info("message");
  EXPECT_TRUE(flush(sys::now() + 1h, {}).complete);
  EXPECT_EQ(counter_->flushed, 1);
}

TEST_F(Spdlog, LogsToStandardErrorAfterwards) {
  log_asynchronously(1);
  ::spdlog::set_level(::spdlog::level::debug);
  auto* held = ::spdlog::default_logger_raw();
  EXPECT_TRUE(flush(sys::now() + 1h, {}).complete);
  ::testing::internal::CaptureStderr();
  ::spdlog::debug("the very last");
  const std::string written = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(written.find("[app] [debug] the very last"), std::string::npos) << written;
  held->info("by the old address");
}

}  // namespace
}  // namespace lastcall::spdlog
