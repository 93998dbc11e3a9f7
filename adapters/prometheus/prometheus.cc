#include "lastcall/prometheus.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <prometheus/exposer.h>
#include <prometheus/gateway.h>
#include <prometheus/metric_family.h>

#include "sys/sys.h"

namespace lastcall::prometheus {
namespace {

/// What the thread that pushes leaves behind, if somebody still waits for it.
struct Answer {
  std::mutex mutex;
  std::condition_variable_any given;
  std::optional<int> status;  ///< guarded by mutex: of HTTP; negative: none, and curl's reason
};

/// Ends a little before the step would be abandoned.
Time end_of(const StepContext& step) {
  const Duration left = step.remaining();
  return sys::now() + left - std::min<Duration>(left / 4, std::chrono::milliseconds(250));
}

}  // namespace

Result<void> push(std::shared_ptr<::prometheus::Gateway> gateway, Time deadline,
                  const std::stop_token& stop) {
  auto answer = std::make_shared<Answer>();
  std::thread([gateway = std::move(gateway), answer]() mutable {
    const int status = gateway->Push();
    gateway.reset();  // whoever has the answer may count on being its owner
    const std::lock_guard lock(answer->mutex);
    answer->status = status;
    answer->given.notify_all();
  }).detach();

  std::unique_lock lock(answer->mutex);
  if (!answer->given.wait_until(lock, stop, deadline, [&answer] { return answer->status.has_value(); })) {
    return failure("the push gateway does not answer");
  }
  if (*answer->status < 200 || *answer->status > 299) {
    return failure("the push gateway refuses, or cannot be reached: status " +
                   std::to_string(*answer->status));
  }
  return {};
}

Result<void> push_with(Coordinator& coordinator, std::shared_ptr<::prometheus::Gateway> gateway, Step step) {
  return coordinator.add_step(std::move(step), [gateway = std::move(gateway)](const StepContext& context) {
    return push(gateway, end_of(context), context.token());
  });
}

/// Has nothing to tell, but sees who asks.
class FinalScrape::Watch final : public ::prometheus::Collectable {
 public:
  [[nodiscard]] std::vector<::prometheus::MetricFamily> Collect() const override {
    const std::lock_guard lock(mutex_);
    ++scrapes_;
    scraped_.notify_all();
    return {};
  }

  bool wait(Time until, const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    const std::uint64_t before = scrapes_;
    return scraped_.wait_until(lock, stop, until, [this, before] { return scrapes_ > before; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable_any scraped_;
  mutable std::uint64_t scrapes_ = 0;  ///< guarded by mutex_
};

FinalScrape::FinalScrape(::prometheus::Exposer& exposer, const std::string& uri)
    : watch_(std::make_shared<Watch>()) {
  exposer.RegisterCollectable(watch_, uri);
}

bool FinalScrape::wait(Time until, const std::stop_token& stop) {
  return watch_->wait(until, stop);
}

Result<void> FinalScrape::wait_with(Coordinator& coordinator, Duration at_most, Step step) {
  return coordinator.add_step(std::move(step), [watch = watch_, at_most](const StepContext& context) {
    const bool scraped = watch->wait(std::min(sys::now() + at_most, end_of(context)), context.token());
    context.note(scraped ? "scraped once more" : "nobody scraped");
  });
}

}  // namespace lastcall::prometheus
