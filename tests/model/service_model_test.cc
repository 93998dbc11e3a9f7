// Random services, each shut down on a hand-moved clock with all its threads, against what must hold of every
// shutdown whatever the threads do. A failure names its seed; LASTCALL_SEED=that repeats the service, though
// not the order in which its threads run.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "lastcall/lastcall.h"
#include "lastcall/testing.h"

namespace lastcall {
namespace {

using namespace std::chrono_literals;

constexpr int kServices = 10'000;

constexpr Duration kDrain = 20s;
constexpr Duration kReserve = 1s;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }

  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

enum class Behaviour : std::uint8_t { returns, fails, throws, answers_later, obeys, hangs, loses };

/// A step and what was seen of it from within.
struct Piece {
  Step step{};
  Behaviour behaviour = Behaviour::returns;
  std::atomic<int> begun{0};
};

class RandomService {
 public:
  explicit RandomService(std::uint64_t seed) : random_(seed), coordinator_(make()) {
    const std::size_t steps = random_.below(6);
    for (std::size_t i = 0; i < steps; ++i) {
      add_step();
    }
    if (random_.one_in(2)) {
      permit_ = coordinator_.scope("jobs").try_enter("job");
    }
  }

  ~RandomService() {
    release_.set_value();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

  DrainReport shut_down() {
    const bool early = random_.one_in(4);
    if (early) {
      begin();
    }
    auto report = std::async(std::launch::async, [this] { return coordinator_.run(); });
    if (!early) {
      begin();
    }
    if (random_.one_in(3)) {
      begin();
    }
    if (permit_ && random_.one_in(2)) {
      threads_.emplace_back([permit = std::move(permit_)]() mutable { permit.release(); });
    }
    if (random_.one_in(4)) {
      forced_ = true;
      coordinator_.force("enough");
    }
    // Time may pass while threads have something to do, as on a busy machine.
    while (report.wait_for(20us) != std::future_status::ready) {
      const Time wake = clock_->next_wake();
      if (wake != Time::max()) {
        clock_->advance(std::max(wake - clock_->now(), Duration::zero()));
      }
    }
    return report.get();
  }

  void check(const DrainReport& report) {
    const std::vector<StepResult> results = report.steps();
    check_every_step_is_told(results);
    bool good = !report.forced();
    for (const StepResult& result : results) {
      good = good && result.outcome != "failed" && result.outcome != "abandoned" &&
             result.detail.find("lost:") == std::string::npos;
    }
    for (const ScopeResult& scope : report.scopes()) {
      good = good && scope.cut == 0;
      EXPECT_LE(scope.cut, 1U);
    }
    EXPECT_EQ(report.clean(), good);
    EXPECT_EQ(report.exit_code(), good ? 0 : 1);
    EXPECT_TRUE(!report.forced() || forced_);
    EXPECT_FALSE(coordinator_.add_step({.name = "late"}, [] {}));
    EXPECT_FALSE(coordinator_.scope("late").try_enter());
  }

 private:
  Coordinator make() {
    return Coordinator::create({.grace = 30s,
                                .drain = kDrain,
                                .cleanup = 9s,
                                .reserve = kReserve,
                                .lame_duck = random_.one_in(3) ? LameDuck{1s, 1s, 4s} : LameDuck{},
                                .watchdog = false,
                                .log = [](std::string_view) {},
                                .clock = clock_,
                                .signals = signals_})
        .value();
  }

  void add_step() {
    const auto piece = std::make_shared<Piece>();
    piece->step.name = "step " + std::to_string(pieces_.size());
    piece->step.stage = static_cast<Stage>(random_.below(10));
    piece->behaviour = static_cast<Behaviour>(random_.below(7));
    if (random_.one_in(2)) {
      piece->step.budget = std::chrono::milliseconds(1 + random_.below(5000));
    }
    for (const auto& other : pieces_) {
      if (other->step.stage <= piece->step.stage && random_.one_in(3)) {
        piece->step.after.push_back(other->step.name);
      }
    }
    const auto added = piece->behaviour == Behaviour::answers_later
                           ? coordinator_.add_async_step(piece->step, later(piece))
                           : coordinator_.add_step(piece->step, blocking(piece));
    ASSERT_TRUE(added) << added.error().what;
    pieces_.push_back(piece);
  }

  std::function<Result<void>(const StepContext&)> blocking(const std::shared_ptr<Piece>& piece) const {
    return [piece, release = released_](const StepContext& context) -> Result<void> {
      ++piece->begun;
      switch (piece->behaviour) {
        case Behaviour::fails:
          return failure("it could not");
        case Behaviour::throws:
          throw std::runtime_error("it threw");
        case Behaviour::loses:
          context.lost("something");
          return {};
        case Behaviour::obeys: {
          std::promise<void> told;
          const std::stop_callback stop(context.token(), [&] { told.set_value(); });
          told.get_future().wait();
          return {};
        }
        case Behaviour::hangs:
          release.wait();
          return {};
        default:
          return {};
      }
    };
  }

  static std::function<void(StepContext)> later(const std::shared_ptr<Piece>& piece) {
    return [piece](const StepContext& context) {
      ++piece->begun;
      std::thread([context] { context.done(); }).detach();
    };
  }

  void begin() {
    switch (random_.below(3)) {
      case 0:
        signals_->raise(SIGTERM);
        return;
      case 1:
        coordinator_.shutdown("asked to");
        return;
      default:  // from a handler's thread
        threads_.emplace_back([this] { coordinator_.shutdown("asked to, by a handler"); });
    }
  }

  void check_every_step_is_told(const std::vector<StepResult>& results) {
    std::map<std::string, StepResult> by_name;
    for (const StepResult& result : results) {
      EXPECT_TRUE(by_name.emplace(result.name, result).second) << result.name << " is told twice";
    }
    for (const auto& piece : pieces_) {
      ASSERT_TRUE(by_name.contains(piece->step.name));
      check_outcome(*piece, by_name.at(piece->step.name));
      check_order(*piece, by_name);
    }
  }

  static void check_outcome(const Piece& piece, const StepResult& result) {
    if (result.outcome == "skipped") {
      EXPECT_EQ(piece.begun, 0) << result.name;
      EXPECT_FALSE(result.detail.empty());
      return;
    }
    // One that is abandoned at once may not have got its thread yet.
    EXPECT_LE(piece.begun, 1) << result.name;
    EXPECT_TRUE(piece.begun == 1 || result.outcome == "abandoned") << result.name;
    if (result.outcome == "abandoned") {
      return;
    }
    const bool fails = piece.behaviour == Behaviour::fails || piece.behaviour == Behaviour::throws;
    EXPECT_EQ(result.outcome, fails ? "failed" : "done") << result.name;
    EXPECT_NE(piece.behaviour, Behaviour::hangs) << result.name;
  }

  /// A step began when all that it had to wait for were over.
  void check_order(const Piece& piece, const std::map<std::string, StepResult>& results) {
    const StepResult& result = results.at(piece.step.name);
    for (const auto& other : pieces_) {
      const StepResult& before = results.at(other->step.name);
      const bool follows = std::ranges::find(piece.step.after, before.name) != piece.step.after.end();
      if (other->step.stage < piece.step.stage || follows) {
        EXPECT_GE(result.began, before.began + before.lasted) << result.name << " after " << before.name;
      }
      if (follows && other->behaviour == Behaviour::hangs && before.outcome == "abandoned") {
        EXPECT_EQ(result.outcome, "skipped")
            << result.name << " after " << before.name << ", which still runs";
      }
    }
  }

  Random random_;
  const std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>();
  const std::shared_ptr<testing::ManualSignals> signals_ = std::make_shared<testing::ManualSignals>();
  std::promise<void> release_;
  const std::shared_future<void> released_ = release_.get_future();
  std::vector<std::shared_ptr<Piece>> pieces_;
  Coordinator coordinator_;
  Permit permit_;
  bool forced_ = false;
  std::vector<std::thread> threads_;
};

std::uint64_t first_seed() {
  const char* given = std::getenv("LASTCALL_SEED");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  std::cout << "LASTCALL_SEED=" << seed << '\n';
  return seed;
}

TEST(ServiceModel, KeepsEveryRuleInRandomServices) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + kServices; ++seed) {
    RandomService service(seed);
    const DrainReport report = service.shut_down();
    service.check(report);
    if (HasFailure()) {
      FAIL() << "in the service of LASTCALL_SEED=" << seed << "\n" << report.to_json();
    }
  }
}

}  // namespace
}  // namespace lastcall
