// Fibers: the threads of the simulated machine, run one at a time on the one real thread. A fiber runs until
// it waits in a call of the kernel; which of several goes on then, and after what delay, is chance from the
// seed. Real threads with a baton would do the same, some thirty times slower.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/kernel/random.h"
#include "sim/kernel/timeline.h"

namespace lastcall::sim {

class Fiber;

class Fibers {
 public:
  /// How the machine's processor is shared with others.
  struct Load {
    Duration longest_delay{};  ///< between being woken, or put aside, and running
  };

  Fibers(Timeline& timeline, Random& random);
  ~Fibers();
  Fibers(const Fibers&) = delete;
  Fibers& operator=(const Fibers&) = delete;

  /// Runs `body` soon. The fiber lives as long as this.
  Fiber& start(std::function<void()> body);

  /// Lets everything happen until `done` or until nothing is left to happen. False: it did not end within
  /// kMostTurns.
  bool run(const std::function<bool()>& done);

  void set_load(Load load) { load_ = load; }

  /// Nobody runs before `until`: the process or its whole machine is stopped.
  void stall(Time until) { stalled_until_ = until; }

  // From inside a fiber.

  [[nodiscard]] Fiber& current();
  /// Lets others go first, if chance says so. Nobody turns round for ever unnoticed.
  void yield();
  /// On a machine with load, puts the current one aside now and then, as a scheduler does in the middle of
  /// its work: what is due meanwhile happens first.
  void preempt();
  /// Until wake(), or `until`.
  void wait(Time until);
  void join(Fiber& fiber);

  // From anywhere.

  void wake(Fiber& fiber);

  static constexpr std::uint64_t kMostTurns = 2'000'000;

 private:
  void resume(Fiber& fiber);
  void make_ready(Fiber& fiber);

  Timeline& timeline_;
  Random& random_;
  Load load_;
  Time stalled_until_{};
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> ready_;
  Fiber* current_ = nullptr;
};

/// Whether its body has returned.
[[nodiscard]] bool has_ended(const Fiber& fiber);

}  // namespace lastcall::sim
