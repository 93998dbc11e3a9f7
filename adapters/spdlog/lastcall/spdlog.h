// spdlog: the log flushed last, also an asynchronous one, whose own flush() only queues a request and
// returns. Nothing is shut down: logging goes on being harmless to the very end of main().
#pragma once

#include <cstddef>
#include <stop_token>

#include "lastcall/coordinator.h"

namespace lastcall::spdlog {

struct FlushOptions {
  /// Threads of spdlog's pool, as given to spdlog::init_thread_pool(). Too few: what another one is just
  /// writing may be missed.
  std::size_t threads = 1;

  /// What is logged afterwards through the default logger (spdlog::info() and its like) goes to standard
  /// error, at once. As spdlog::set_default_logger(), it must not race with such a call: at the end of a
  /// shutdown nobody is left to make one.
  bool then_stderr = true;
};

struct Flushed {
  bool complete = false;        ///< all that was logged before has been written
  std::size_t left = 0;         ///< messages still queued, if not
  std::size_t overwritten = 0;  ///< messages that a full queue has dropped since the start (overrun_oldest)
};

/// Flushes every registered logger, and waits until spdlog's pool has done it, until `deadline`, or until
/// asked to stop. A sink that hangs may hold it for longer: then its step is abandoned.
Flushed flush(Time deadline, const std::stop_token& stop, FlushOptions options = {});

/// The same for a step. Error: the queue was not empty in time.
Result<void> flush(const StepContext& step, FlushOptions options = {});

/// Adds the step. Error: as Coordinator::add_step().
Result<void> flush_with(Coordinator& coordinator, Step step = {.name = "log", .stage = Stage::logs},
                        FlushOptions options = {});

}  // namespace lastcall::spdlog
