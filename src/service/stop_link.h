// StopHub: the two tokens of a shutdown (contract LC302) and every request's own that is linked to them.
// Links are spread over shards by thread, each a heap by deadline under its own lock: the one abort source,
// whose callbacks all have to be registered under one lock, is no part of a request's path. Any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "lastcall/clock.h"
#include "lastcall/stop.h"

namespace lastcall::service {

class StopShards;

class StopHub {
 public:
  /// `clock` must outlive it.
  explicit StopHub(Clock& clock);
  StopHub(const StopHub&) = delete;
  StopHub& operator=(const StopHub&) = delete;

  /// Deadlines are not watched any more; links that are still held stay valid.
  ~StopHub();

  [[nodiscard]] std::stop_token draining() const { return draining_.get_token(); }

  [[nodiscard]] std::stop_token abort() const { return abort_.get_token(); }

  /// Runs the callbacks of the draining token, on this thread.
  void request_draining() { draining_.request_stop(); }

  /// The same for the abort token, and then for those that are linked; whatever is linked later stops at
  /// once. Returns when all have been told.
  void request_abort();

  /// A deadline is kept by a thread of ours, begun when there is one to keep; one that has passed already
  /// stops the token at once.
  [[nodiscard]] LinkedStop link(Time deadline);

 private:
  void watch(Time deadline);
  void run_deadlines(const std::stop_token& end);

  Clock& clock_;
  std::stop_source draining_;
  std::stop_source abort_;
  const std::shared_ptr<StopShards> shards_;  // with the links, which may outlive us

  std::mutex mutex_;
  std::condition_variable changed_;
  // The deadline thread looks again at this instant, or when it is told.
  std::atomic<Time> next_look_{Time::max()};
  std::jthread thread_;
};

}  // namespace lastcall::service
