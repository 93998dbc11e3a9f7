// Coordinator: a service's shutdown, from the first signal to the exit status. Made first in main(), before
// any thread; owned by it; there is nothing global but the process's signal handlers, so that a second one is
// refused. It owns a few threads (signals, callbacks, watchdog), and one for each step while it runs; none of
// the service's own are used, and none of its own takes a signal but the first.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lastcall/health.h"
#include "lastcall/options.h"
#include "lastcall/phase.h"
#include "lastcall/report.h"
#include "lastcall/result.h"
#include "lastcall/server.h"
#include "lastcall/step.h"
#include "lastcall/stop.h"
#include "lastcall/work.h"

namespace lastcall {

namespace service {
class Runtime;
}

/// All calls from any thread, but run(): from one.
class Coordinator {
 public:
  /// From here on signals are held for the shutdown; one that comes during start-up is not lost: the tokens
  /// are asked to stop at once, and run() begins with the drain. Error: parts that do not fit into the grace
  /// period, each with its value and where it came from; a second coordinator that handles signals.
  [[nodiscard]] static Result<Coordinator> create(Options options = {});

  Coordinator(Coordinator&&) noexcept;
  Coordinator& operator=(Coordinator&&) noexcept;
  /// Steps that were never run do not run. Signals are given back, but for SIGTERM once a shutdown has begun:
  /// a repeated one must not kill what then is about to exit by itself. The watchdog stops last of all.
  ~Coordinator();

  /// What is worth telling the operator of the plan: a setting clamped, budgets of steps that add up to more
  /// than there is. Logged by run(), too.
  [[nodiscard]] std::vector<std::string> warnings() const;

  /// The scope of that name, made at the first call; lives as long as the coordinator.
  [[nodiscard]] WorkScope& scope(std::string_view name);

  /// Adds a step that runs on a thread of its own and has ended when `work` returns. `work` takes a const
  /// StepContext& or nothing, and returns nothing or Result<void>; an error or an exception is a failed step.
  /// Until run() carries a shutdown out, also after a signal during start-up: what was begun must be ended.
  /// Error: a name that is taken; an `after` that is not there yet, or of a later stage; a shutdown that
  /// run() is carrying out: then the caller must clean up itself. After an error, which
  /// is logged too, there is no such step.
  template <class Work>
    requires std::invocable<Work&, const StepContext&> || std::invocable<Work&>
  [[nodiscard]] Result<void> add_step(Step step, Work work) {
    // Shared, because a std::function cannot hold what only moves.
    return add_blocking_step(std::move(step),
                             [work = std::make_shared<Work>(std::move(work))](const StepContext& context) {
                               return call(*work, context);
                             });
  }

  /// The same for a step that `begin` only begins: it ends with done() or fail() on a copy of the context.
  [[nodiscard]] Result<void> add_async_step(Step step, std::function<void(StepContext)> begin);

  /// Adds the steps of a server, named "NAME listener" and "NAME connections". Error: as add_step().
  [[nodiscard]] Result<void> add_server(Server server);

  /// A request came on a connection that was accepted after the announcement: somebody still routes to us
  /// (LC104). For servers; harmless at any time.
  void redialled();

  /// Called once when responses are to say `Connection: close`, on a thread of the library, or at once if
  /// they already are. Must return at once.
  void on_announce(std::function<void()> announce);

  [[nodiscard]] Health& health();

  /// Asked to stop when the shutdown begins: start nothing new, take a checkpoint (LC302). It is asked on a
  /// thread of the library, so that is_shutting_down() is true a moment earlier. Callbacks on this token and
  /// the next run there one after the other: they must only post.
  [[nodiscard]] std::stop_token draining_token() const;

  /// Asked to stop shortly before the drain deadline, or at once when forced: unwind now.
  [[nodiscard]] std::stop_token abort_token() const;

  /// A token of one request's own: asked to stop with the abort token, or at `deadline`.
  [[nodiscard]] LinkedStop link(Time deadline = Time::max());

  /// Responses say `Connection: close` from now on (LC203).
  [[nodiscard]] bool announced() const noexcept;

  [[nodiscard]] bool is_shutting_down() const noexcept;

  [[nodiscard]] Phase phase() const;

  [[nodiscard]] const Options& options() const;

  /// When the shutdown under way cuts what is left; Time::max() if none is.
  [[nodiscard]] Time drain_deadline() const;

  /// Start-up is over: readiness may be green. run() says it too.
  void started();

  /// Begins the shutdown, or adds a reason to the one under way. Returns at once; also from a handler.
  void shutdown(std::string reason);

  /// Cuts what is left and ends as soon as can be, with status 1 (LC102): wherever main() is then, the
  /// watchdog waits no longer than 3 s more.
  void force(std::string reason);

  /// Waits for the shutdown and carries it out; returns when it is over, at the latest at the deadline plus
  /// half of the reserve. Once.
  [[nodiscard]] DrainReport run();

 private:
  using BlockingWork = std::function<Result<void>(const StepContext&)>;

  explicit Coordinator(std::unique_ptr<service::Runtime> runtime);

  Result<void> add_blocking_step(Step step, BlockingWork work);

  template <class Work>
  static Result<void> call(Work& work, const StepContext& context) {
    const auto invoke = [&]() -> decltype(auto) {
      if constexpr (std::invocable<Work&, const StepContext&>) {
        return work(context);
      } else {
        return work();
      }
    };
    if constexpr (std::is_void_v<decltype(invoke())>) {
      invoke();
      return {};
    } else {
      return invoke();
    }
  }

  std::unique_ptr<service::Runtime> runtime_;
};

}  // namespace lastcall
