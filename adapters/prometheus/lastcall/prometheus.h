// Prometheus (prometheus-cpp): the last figures of a service, which a scrape every 15 s would miss: pushed to
// a gateway, or kept until they have been scraped once more. Either costs no more than its step's time.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <prometheus/collectable.h>

#include "lastcall/coordinator.h"

namespace prometheus {
class Exposer;
class Gateway;
}  // namespace prometheus

namespace lastcall::prometheus {

/// Pushes what is registered with the gateway (PUT: replaces the job's group). prometheus-cpp itself waits
/// without end: at `deadline`, or when asked to stop, the push is left to a thread that nobody waits for.
/// Error: no answer in time, or another status than 2xx.
Result<void> push(std::shared_ptr<::prometheus::Gateway> gateway, Time deadline, const std::stop_token& stop);

/// Adds the step. Error: as Coordinator::add_step().
Result<void> push_with(Coordinator& coordinator, std::shared_ptr<::prometheus::Gateway> gateway,
                       Step step = {.name = "metrics push", .stage = Stage::metrics});

/// Waits for one more scrape of an exposer. Any thread.
class FinalScrape {
 public:
  class Watch;

  /// `exposer` outlives it. Register it after everything that is to be in the last scrape.
  explicit FinalScrape(::prometheus::Exposer& exposer, const std::string& uri = "/metrics");

  /// Waits until a scrape has begun since the call. Its answer may still be on its way: the exposer's
  /// destructor waits for it. False: none came.
  bool wait(Time until, const std::stop_token& stop);

  /// Adds the step, which waits for `at_most`, or for what is left. No scrape is no failure: it is noted.
  /// Error: as Coordinator::add_step().
  Result<void> wait_with(Coordinator& coordinator, Duration at_most,
                         Step step = {.name = "metrics scrape", .stage = Stage::metrics});

 private:
  std::shared_ptr<Watch> watch_;
};

}  // namespace lastcall::prometheus
