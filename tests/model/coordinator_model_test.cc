// Random shutdowns against the model. A failure names its seed; LASTCALL_SEED=that repeats it, first of all.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "shutdown_model.h"

namespace lastcall::drain {
namespace {

constexpr int kSequences = 10'000;
constexpr int kEventsPerSequence = 40;

std::uint64_t first_seed() {
  const char* given = std::getenv("LASTCALL_SEED");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  std::cout << "LASTCALL_SEED=" << seed << '\n';
  return seed;
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// From 0 to `below` - 1.
  std::size_t index(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(engine_);
  }

  bool one_in(std::size_t n) { return index(n) == 0; }

  Duration upto(Duration most) {
    return Duration(std::uniform_int_distribution<Duration::rep>(0, most.count())(engine_));
  }

 private:
  std::mt19937_64 engine_;
};

BudgetPlan random_plan(Random& random) {
  BudgetSettings settings;
  settings.drain_timeout = random.one_in(10) ? 0s : random.upto(30s);
  settings.app_stop = 1ms + random.upto(10s);
  settings.reserve = 1ms + random.upto(2s);
  if (!random.one_in(3)) {
    settings.lame_duck.max = random.upto(*settings.drain_timeout);
    settings.lame_duck.min = random.one_in(3) ? 0s : random.upto(settings.lame_duck.max);
    settings.lame_duck.quiet = random.one_in(3) ? 0s : random.upto(settings.lame_duck.max);
  }
  BudgetPlan plan = plan_budget(settings).value();
  if (random.one_in(2)) {
    plan.abort_notice = random.upto(plan.drain);
  }
  return plan;
}

Late random_late(Random& random, Phase phase) {
  if (random.one_in(2)) {
    return Late::tell;
  }
  return phase == Phase::stopping && random.one_in(2) ? Late::last_wait : Late::skip;
}

bool may_follow(const StepSpec& step, const StepSpec& other) {
  return other.phase < step.phase || (other.phase == step.phase && other.rank <= step.rank);
}

std::vector<StepSpec> random_steps(Random& random) {
  std::vector<StepSpec> steps(random.index(7));
  for (StepId id = 0; id < steps.size(); ++id) {
    steps[id].name = std::string("step") + static_cast<char>('a' + id);
    steps[id].phase = random.one_in(2) ? Phase::draining : Phase::stopping;
    steps[id].budget = random.one_in(3) ? random.upto(10s) : Duration::max();
    steps[id].rank = static_cast<std::uint8_t>(random.one_in(3) ? 0 : random.index(3));
    steps[id].late = random_late(random, steps[id].phase);
    for (StepId earlier = 0; earlier < id; ++earlier) {
      if (may_follow(steps[id], steps[earlier]) && random.one_in(3)) {
        steps[id].after.push_back(steps[earlier].name);
      }
    }
  }
  return steps;
}

/// One random life of a coordinator, watched by the model.
class Sequence {
 public:
  explicit Sequence(std::uint64_t seed)
      : random_(seed),
        plan_(random_plan(random_)),
        steps_(random_steps(random_)),
        model_(plan_, steps_),
        coordinator_({.budget = plan_, .steps = steps_}, now_) {}

  std::vector<Action> feed(const Event& event) {
    model_.tell(event, now_);
    const std::vector<Action> actions = coordinator_.step(event, now_);
    model_.check(actions);
    model_.check_rest(coordinator_);
    return actions;
  }

  void feed_random_event() {
    switch (random_.index(10)) {
      case 0:
        feed(Started{});
        return;
      case 1:
        feed(random_signal());
        return;
      case 2:
        feed(random_gone());
        return;
      case 3:
      case 4:
        feed(Redialled{});
        return;
      case 5:
      case 6:
        end_random_step();
        return;
      case 7:
        feed_rare_force();
        return;
      default:
        pass_time();
    }
  }

  /// Nobody acts any more: only the ticks that the coordinator asked for.
  void run_out() {
    if (!coordinator_.begun()) {
      feed(Begin{.cause = "SIGTERM"});
    }
    // Announcement, end of the lame duck, abort, then for each step at most its deadline and its last wait.
    const std::size_t most = 3 + 2 * steps_.size();
    for (std::size_t ticks = 0; coordinator_.phase() != Phase::stopped; ++ticks) {
      ASSERT_LE(ticks, most) << "the finish is reached in a bounded number of ticks";
      now_ = coordinator_.next_wake();
      feed(Tick{});
    }
    const DrainReport report = coordinator_.report();
    EXPECT_EQ(report.phases.back().phase, Phase::stopped);
    EXPECT_EQ(report.steps.size(), steps_.size());
  }

  /// Every step ends in the instant in which it starts.
  void run_with_nothing_in_flight() {
    feed(Started{});
    end_started(feed(Begin{.cause = "SIGTERM"}));
    while (coordinator_.phase() == Phase::lame_duck) {
      now_ = coordinator_.next_wake();
      end_started(feed(Tick{}));
    }
  }

  [[nodiscard]] Duration since_start() const { return now_ - model_.start(); }

  [[nodiscard]] const BudgetPlan& plan() const { return plan_; }

  [[nodiscard]] const ShutdownModel& model() const { return model_; }

 private:
  /// Now, or, as to a service that is still starting, before anybody listened.
  Begin random_signal() {
    Begin signal{.cause = "SIGTERM"};
    if (random_.one_in(4)) {
      signal.at = now_ - random_.upto(random_.one_in(4) ? 40s : 1s);
    }
    return signal;
  }

  Begin random_gone() {
    return {.cause = "app exited",
            .lame_duck = random_.one_in(2),
            .drain_cap = random_.one_in(2) ? random_.upto(5s) : Duration::max()};
  }

  void feed_rare_force() {
    if (random_.one_in(4)) {
      feed(Force{.cause = "SIGQUIT"});
    }
  }

  void end_random_step() {
    const std::vector<StepId> running = model_.running();
    const std::vector<StepId> unended = model_.unended();
    const bool in_turn = !running.empty() && !random_.one_in(5);
    const std::vector<StepId>& among = in_turn ? running : unended;
    if (among.empty()) {
      return;
    }
    feed(StepEnded{.step = among[random_.index(among.size())],
                   .outcome = random_.one_in(3) ? StepOutcome::failed : StepOutcome::done});
  }

  /// To a moment before the wake-up, to it, or, as on a busy machine, past it.
  void pass_time() {
    const Time wake = coordinator_.next_wake();
    if (wake == Time::max()) {
      now_ += random_.upto(10s);
    } else if (random_.one_in(2)) {
      now_ = wake + (random_.one_in(4) ? random_.upto(100ms) : 0s);
    } else {
      now_ += random_.upto(wake - now_);
    }
    feed(Tick{});
  }

  void end_started(std::vector<Action> actions) {
    for (std::size_t i = 0; i < actions.size(); ++i) {
      if (const auto* start = std::get_if<StartStep>(&actions[i])) {
        const std::vector<Action> more = feed(StepEnded{.step = start->step});
        actions.insert(actions.end(), more.begin(), more.end());
      }
    }
  }

  Random random_;
  Time now_{1h};
  BudgetPlan plan_;
  std::vector<StepSpec> steps_;
  ShutdownModel model_;
  Coordinator coordinator_;
};

template <class Run>
void for_each_sequence(const Run& run) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t i = 0; i < kSequences; ++i) {
    Sequence sequence(first + i);
    run(sequence);
    for (const std::string& rule : sequence.model().broken()) {
      ADD_FAILURE() << "broken: " << rule;
    }
    if (testing::Test::HasFailure()) {
      FAIL() << "in the sequence of LASTCALL_SEED=" << first + i;
    }
  }
}

TEST(CoordinatorModel, KeepsEveryRuleInRandomShutdowns) {
  for_each_sequence([](Sequence& sequence) {
    for (int i = 0; i < kEventsPerSequence; ++i) {
      sequence.feed_random_event();
    }
    sequence.run_out();
  });
}

TEST(CoordinatorModel, WithNothingInFlightTakesTheLameDuckAndNothingMore) {
  for_each_sequence([](Sequence& sequence) {
    sequence.run_with_nothing_in_flight();
    const LameDuck& duck = sequence.plan().lame_duck;
    EXPECT_EQ(sequence.model().phase(), Phase::stopped);
    EXPECT_EQ(sequence.since_start(), std::min(duck.max, duck.min + duck.quiet));
  });
}

}  // namespace
}  // namespace lastcall::drain
