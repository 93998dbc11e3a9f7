#include "sim/kernel/fibers.h"

#include <ucontext.h>
#include <utility>

#include "base/assert.h"

namespace lastcall::sim {
namespace {

constexpr std::size_t kStackBytes = 512U << 10U;
constexpr int kPreempted = 10;  // percent of the calls that may be

using Stack = std::unique_ptr<char[]>;

/// Stacks outlive the fibers, because thousands of simulations follow each other.
std::vector<Stack>& spare_stacks() {
  static std::vector<Stack> stacks;
  return stacks;
}

Stack take_stack() {
  std::vector<Stack>& spare = spare_stacks();
  if (spare.empty()) {
    return Stack(new char[kStackBytes]);
  }
  Stack stack = std::move(spare.back());
  spare.pop_back();
  return stack;
}

}  // namespace

class Fiber {
 public:
  enum class State : std::uint8_t { ready, running, waiting, ended };

  explicit Fiber(std::function<void()> what) : body(std::move(what)), stack(take_stack()) {}

  ~Fiber() { spare_stacks().push_back(std::move(stack)); }

  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  std::function<void()> body;
  Stack stack;
  ucontext_t context{};
  ucontext_t caller{};
  State state = State::ready;
  std::uint64_t waits = 0;  ///< how often it has waited: tells a late timer that its wait is over
  bool waking = false;
  std::vector<Fiber*> joiners;
};

namespace {

Fiber* entering = nullptr;

void enter_fiber() {
  Fiber& fiber = *entering;
  fiber.body();
  fiber.state = Fiber::State::ended;
  swapcontext(&fiber.context, &fiber.caller);
}

}  // namespace

bool has_ended(const Fiber& fiber) {
  return fiber.state == Fiber::State::ended;
}

Fibers::Fibers(Timeline& timeline, Random& random) : timeline_(timeline), random_(random) {}

Fibers::~Fibers() = default;

Fiber& Fibers::start(std::function<void()> body) {
  fibers_.push_back(std::make_unique<Fiber>(std::move(body)));
  Fiber& fiber = *fibers_.back();
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, enter_fiber, 0);
  ready_.push_back(&fiber);
  return fiber;
}

bool Fibers::run(const std::function<bool()>& done) {
  for (std::uint64_t turn = 0; turn < kMostTurns; ++turn) {
    if (!ready_.empty()) {
      std::swap(ready_[random_.below(ready_.size())], ready_.back());
      Fiber& next = *ready_.back();
      ready_.pop_back();
      resume(next);
    } else if (done() || timeline_.empty()) {
      return true;
    } else {
      timeline_.advance();
    }
  }
  return false;
}

void Fibers::resume(Fiber& fiber) {
  current_ = &fiber;
  fiber.state = Fiber::State::running;
  entering = &fiber;
  swapcontext(&fiber.caller, &fiber.context);
  current_ = nullptr;
  if (has_ended(fiber)) {
    for (Fiber* joiner : std::exchange(fiber.joiners, {})) {
      wake(*joiner);
    }
  }
}

Fiber& Fibers::current() {
  LASTCALL_ASSERT(current_ != nullptr);
  return *current_;
}

void Fibers::yield() {
  Fiber& fiber = current();
  make_ready(fiber);
  swapcontext(&fiber.context, &fiber.caller);
}

void Fibers::preempt() {
  if (load_.longest_delay > Duration::zero() && random_.percent(kPreempted)) {
    wait(timeline_.now());
  }
}

void Fibers::wait(Time until) {
  Fiber& fiber = current();
  const std::uint64_t wait = ++fiber.waits;
  fiber.state = Fiber::State::waiting;
  if (until != Time::max()) {
    timeline_.at(until, [this, &fiber, wait] {
      if (fiber.waits == wait) {
        wake(fiber);
      }
    });
  }
  swapcontext(&fiber.context, &fiber.caller);
}

void Fibers::join(Fiber& fiber) {
  while (!has_ended(fiber)) {
    fiber.joiners.push_back(&current());
    wait(Time::max());
  }
}

void Fibers::wake(Fiber& fiber) {
  if (fiber.state != Fiber::State::waiting || std::exchange(fiber.waking, true)) {
    return;
  }
  const Duration delay = random_.between(Duration::zero(), load_.longest_delay);
  const Time when = std::max(timeline_.now() + delay, stalled_until_);
  if (when == timeline_.now()) {
    make_ready(fiber);
  } else {
    timeline_.at(when, [this, &fiber] { make_ready(fiber); });
  }
}

void Fibers::make_ready(Fiber& fiber) {
  fiber.waking = false;
  fiber.state = Fiber::State::ready;
  ready_.push_back(&fiber);
}

}  // namespace lastcall::sim
