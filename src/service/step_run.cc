#include "service/step_run.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "sys/sys.h"

namespace lastcall::service {

namespace {

void append(std::string& all, std::string_view text) {
  const std::string_view joint = all.empty() ? "" : "; ";
  if (all.size() + joint.size() + text.size() <= StepRun::kMaxText) {
    all.append(joint).append(text);
  }
}

void carry_out(StepRun& run, const StepWork& work, const StepContext& context) {
  try {
    const Result<void> result = work.run(context);
    if (!result) {
      run.end(drain::StepOutcome::failed, result.error().what);
    } else if (work.blocking) {
      run.end(drain::StepOutcome::done, "");
    }
  } catch (const std::exception& error) {
    run.end(drain::StepOutcome::failed, error.what());
  } catch (...) {
    run.end(drain::StepOutcome::failed, "an exception that is no std::exception");
  }
}

}  // namespace

StepRun::StepRun(std::shared_ptr<const Clock> clock, Time deadline, Ended ended)
    : clock_(std::move(clock)), deadline_(deadline), ended_(std::move(ended)) {}

Duration StepRun::remaining() const {
  return std::max(deadline_ - clock_->now(), Duration::zero());
}

void StepRun::note(std::string_view text) {
  const std::lock_guard lock(mutex_);
  append(notes_, text);
}

void StepRun::lost(std::string_view what) {
  const std::lock_guard lock(mutex_);
  append(losses_, what);
}

void StepRun::end(drain::StepOutcome outcome, std::string_view detail) {
  std::unique_lock lock(mutex_);
  if (std::exchange(has_ended_, true)) {
    return;
  }
  outcome_ = outcome;
  detail_ = detail.substr(0, kMaxText);
  tell_if_over(std::move(lock));
}

void StepRun::returned() {
  std::unique_lock lock(mutex_);
  has_returned_ = true;
  tell_if_over(std::move(lock));
}

void StepRun::tell_if_over(std::unique_lock<std::mutex> lock) {
  if (!has_ended_ || !has_returned_) {
    return;
  }
  const Ended ended = std::exchange(ended_, {});
  lock.unlock();
  if (ended) {
    ended(outcome_, detail_);
  }
}

bool StepRun::has_returned() const {
  const std::lock_guard lock(mutex_);
  return has_returned_;
}

std::string StepRun::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

std::string StepRun::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

std::thread start_step(std::shared_ptr<StepRun> run, StepWork work) {
  return std::thread([run = std::move(run), work = std::move(work)]() mutable {
    sys::block_all_signals();
    carry_out(*run, work, StepContext(run));
    work.run = nullptr;
    run->returned();
  });
}

}  // namespace lastcall::service

namespace lastcall {

std::string_view to_string(Stage stage) {
  constexpr std::string_view kNames[] = {"intake", "connections", "work",  "producers", "consumers",
                                         "caches", "databases",   "files", "metrics",   "logs"};
  return kNames[static_cast<std::uint8_t>(stage)];
}

StepContext::StepContext(std::shared_ptr<service::StepRun> run) : run_(std::move(run)) {}

std::stop_token StepContext::token() const {
  return run_->token();
}

Time StepContext::deadline() const {
  return run_->deadline();
}

Duration StepContext::remaining() const {
  return run_->remaining();
}

void StepContext::note(std::string_view text) const {
  run_->note(text);
}

void StepContext::lost(std::string_view what) const {
  run_->lost(what);
}

void StepContext::done() const {
  run_->end(drain::StepOutcome::done, "");
}

void StepContext::fail(std::string_view why) const {
  run_->end(drain::StepOutcome::failed, why);
}

}  // namespace lastcall
