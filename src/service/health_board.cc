#include "service/health_board.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "base/units.h"
#include "drain/budget.h"
#include "sys/sys.h"

namespace lastcall::service {

namespace {

Result<void> call(const std::function<Result<void>()>& ask) {
  try {
    return ask();
  } catch (const std::exception& error) {
    return failure(error.what());
  } catch (...) {
    return failure("an exception that is no std::exception");
  }
}

bool shutting_down(Phase phase) {
  return phase > Phase::serving;
}

}  // namespace

Result<void> HealthBoard::add_check(HealthCheck options, std::function<Result<void>()> ask) {
  const std::lock_guard lock(mutex_);
  const auto same = [&](const auto& check) { return check->options.name == options.name; };
  if (std::ranges::any_of(checks_, same)) {
    return failure("there is a health check \"" + options.name + "\" already", {}, 2);
  }
  checks_.push_back(std::make_shared<Check>(Check{.options = std::move(options), .ask = std::move(ask)}));
  return {};
}

HealthAnswer HealthBoard::answer(bool healthy, std::string_view detail) const {
  return {
      .healthy = healthy, .http_status = healthy ? 200 : 503, .phase = phase_, .detail = std::string(detail)};
}

HealthAnswer HealthBoard::startup() const {
  const bool started = phase_.load() > Phase::starting;
  return answer(started, started ? "started" : "starting");
}

HealthAnswer HealthBoard::live() const {
  return answer(true, "alive");
}

HealthAnswer HealthBoard::ready() {
  const Phase phase = phase_;
  if (phase != Phase::serving) {
    return answer(false, shutting_down(phase) ? "shutting down" : "starting");
  }
  std::unique_lock lock(mutex_);
  const std::vector<std::shared_ptr<Check>> checks = checks_;
  for (const auto& check : checks) {
    const bool fresh = check->last && clock_->now() - check->answered <= check->options.cache;
    if (!fresh && !check->asking && !closed_) {
      ask(*check);
    }
  }
  HealthAnswer all = answer(true, "ready");
  for (const auto& check : checks) {
    HealthDetail one = detail(lock, *check);
    if (!one.healthy && one.critical && all.healthy) {
      all = answer(false, one.name + ": " + one.detail);
    }
    all.checks.push_back(std::move(one));
  }
  // It may have begun while we waited.
  if (shutting_down(phase_)) {
    return answer(false, "shutting down");
  }
  return all;
}

/// With the lock held.
void HealthBoard::ask(Check& check) {
  if (check.thread.joinable()) {
    check.thread.join();
  }
  check.asking = true;
  check.asked = clock_->now();
  const auto self = shared_from_this();
  try {
    check.thread = std::thread([self, &check] {
      sys::block_all_signals();
      self->take(check, call(check.ask));
    });
  } catch (const std::system_error& error) {
    check.asking = false;
    check.answered = check.asked;
    check.last = HealthDetail{.name = check.options.name,
                              .critical = check.options.critical,
                              .detail = std::string("no thread for it: ") + error.what()};
  }
}

void HealthBoard::take(Check& check, const Result<void>& result) {
  const std::lock_guard lock(mutex_);
  check.asking = false;
  check.answered = clock_->now();
  check.last = HealthDetail{.name = check.options.name,
                            .healthy = result.has_value(),
                            .critical = check.options.critical,
                            .detail = result ? "" : result.error().what,
                            .took = check.answered - check.asked};
  changed_.notify_all();
}

HealthDetail HealthBoard::detail(std::unique_lock<std::mutex>& lock, const Check& check) {
  const Time limit = drain::later(check.asked, check.options.timeout, Time::max());
  while (check.asking && clock_->now() < limit) {
    clock_->wait_until(lock, changed_, limit);
  }
  if (!check.asking && check.last) {
    return *check.last;
  }
  return {.name = check.options.name,
          .healthy = false,
          .critical = check.options.critical,
          .detail = "no answer within " + print_duration(check.options.timeout),
          .took = clock_->now() - check.asked};
}

bool HealthBoard::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  bool any_left = false;
  for (const auto& check : checks_) {
    if (!check->thread.joinable()) {
      continue;
    }
    if (check->asking) {
      any_left = true;
      check->thread.detach();
    } else {
      check->thread.join();
    }
  }
  return any_left;
}

}  // namespace lastcall::service
