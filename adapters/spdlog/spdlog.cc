#include "lastcall/spdlog.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "sys/sys.h"

namespace lastcall::spdlog {
namespace {

/// Where all threads of the pool meet: when the last one has come, each has finished what it did before.
class Meeting {
 public:
  explicit Meeting(std::size_t expected) : expected_(expected) {}

  void come(Time until) {
    std::unique_lock lock(mutex_);
    ++present_;
    everybody_.notify_all();
    everybody_.wait_until(lock, until, [this] { return complete(); });
  }

  bool wait(Time until, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return everybody_.wait_until(lock, stop, until, [this] { return complete(); });
  }

 private:
  [[nodiscard]] bool complete() const { return present_ >= expected_; }

  const std::size_t expected_;
  std::mutex mutex_;
  std::condition_variable_any everybody_;
  std::size_t present_ = 0;
};

/// A sink whose flush, run by a thread of the pool, sends that thread to the meeting.
class Marker final : public ::spdlog::sinks::base_sink<std::mutex> {
 public:
  Marker(std::shared_ptr<Meeting> meeting, Time until) : meeting_(std::move(meeting)), until_(until) {}

 protected:
  void sink_it_(const ::spdlog::details::log_msg& /*message*/) override {}

  void flush_() override { meeting_->come(until_); }

 private:
  std::shared_ptr<Meeting> meeting_;
  Time until_;
};

/// Queues one marker for each thread behind all that is queued now.
std::shared_ptr<Meeting> call_together(const std::shared_ptr<::spdlog::details::thread_pool>& pool,
                                       std::size_t threads, Time until) {
  auto meeting = std::make_shared<Meeting>(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    auto marker = std::make_shared<Marker>(meeting, until);
    std::make_shared<::spdlog::async_logger>("lastcall", std::move(marker), pool)->flush();
  }
  return meeting;
}

/// The default logger of afterwards. Keeps the one before: whoever still holds its bare address may use it.
class Afterwards final : public ::spdlog::sinks::stderr_sink_mt {
 public:
  explicit Afterwards(std::shared_ptr<::spdlog::logger> before) : before_(std::move(before)) {}

 private:
  std::shared_ptr<::spdlog::logger> before_;
};

void log_to_stderr() {
  const auto before = ::spdlog::default_logger();
  if (before) {
    auto after = std::make_shared<::spdlog::logger>(before->name(), std::make_shared<Afterwards>(before));
    after->set_level(before->level());
    ::spdlog::set_default_logger(std::move(after));
  }
}

}  // namespace

Flushed flush(Time deadline, const std::stop_token& stop, FlushOptions options) {
  Flushed flushed{.complete = true, .left = 0, .overwritten = 0};
  ::spdlog::apply_all([](const std::shared_ptr<::spdlog::logger>& logger) { logger->flush(); });
  if (const auto pool = ::spdlog::thread_pool()) {
    flushed.complete = call_together(pool, options.threads, deadline)->wait(deadline, stop);
    flushed.left = flushed.complete ? 0 : pool->queue_size();
    flushed.overwritten = pool->overrun_counter();
  }
  if (options.then_stderr) {
    log_to_stderr();
  }
  return flushed;
}

Result<void> flush(const StepContext& step, FlushOptions options) {
  const Flushed flushed = flush(sys::now() + step.remaining(), step.token(), options);
  if (flushed.overwritten > 0) {
    step.note(std::to_string(flushed.overwritten) + " messages overwritten in a full queue");
  }
  if (!flushed.complete) {
    return failure("not all written in time: " + std::to_string(flushed.left) + " messages are still queued");
  }
  return {};
}

Result<void> flush_with(Coordinator& coordinator, Step step, FlushOptions options) {
  return coordinator.add_step(std::move(step),
                              [options](const StepContext& context) { return flush(context, options); });
}

}  // namespace lastcall::spdlog
