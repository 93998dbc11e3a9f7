// keep_alive_pool: clients that keep one connection each, think between an answer and the next request, go
// when they are told `Connection: close`, and never repeat a request nor connect again. Standard input
// commands it: "mark" = the server is being told to stop now; end of file = the server is gone, finish.
// Prints one line of JSON: how the connections ended, when after the mark requests were lost, the round trip
// at the mark.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "attempt.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::netns {
namespace {

constexpr Duration kPatience = 5s;  // for outstanding answers, once the server is gone

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// How long a client thinks: a renewal process that is already in its steady state when the pool starts.
class Think {
 public:
  enum class Kind : std::uint8_t { uniform, exponential };

  /// `scale`: the longest time of a uniform think, the mean of an exponential one.
  Think(Kind kind, Duration scale) : kind_(kind), scale_(seconds(scale)) {}

  /// From an answer to the next request.
  [[nodiscard]] Duration whole() { return duration(draw()); }

  /// From any instant to the next request. What is left of a uniform time has the density of the smaller of
  /// two.
  [[nodiscard]] Duration rest() {
    return duration(kind_ == Kind::uniform ? std::min(draw(), draw()) : draw());
  }

 private:
  [[nodiscard]] static Duration duration(double value) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
  }

  [[nodiscard]] double draw() {
    return kind_ == Kind::uniform ? std::uniform_real_distribution(0.0, scale_)(random_)
                                  : std::exponential_distribution(1 / scale_)(random_);
  }

  Kind kind_;
  double scale_;
  std::mt19937_64 random_{std::random_device{}()};
};

struct Member final : net::Handler {
  std::unique_ptr<Attempt> attempt;
  bool stirred = false;

  void on_events(std::uint32_t) override { stirred = true; }
};

class Pool final : public net::Handler {
 public:
  Pool(const sys::Address& target, int clients, Think think);

  void run();

 private:
  void on_events(std::uint32_t) override;
  void mark();
  Time tick(Time now);
  void go_on(Member& member, Time now);
  void settle(const Attempt& attempt, Time now);
  void print() const;

  net::Loop loop_;
  Think think_;
  std::vector<std::unique_ptr<Member>> members_;
  Time marked_at_ = Time::max();
  Time gone_at_ = Time::max();  ///< when the end of standard input said that the server is gone
  long asked_ = 0;
  long answered_ = 0;
  std::array<long, kOutcomes> outcomes_{};
  std::vector<Time> lost_at_;
  Duration round_trips_{};  ///< the sum over all connections at the mark
  int measured_ = 0;        ///< these
};

Pool::Pool(const sys::Address& target, int clients, Think think) : think_(think) {
  for (int i = 0; i < clients; ++i) {
    auto& member = *members_.emplace_back(std::make_unique<Member>());
    const Attempt::Plan plan{.requests = std::numeric_limits<int>::max(),
                             .send_at = sys::now() + think_.rest(),
                             .think = [this] { return think_.whole(); }};
    member.attempt = std::make_unique<Attempt>(target, plan);
    if (!member.attempt->ended()) {
      loop_.watch(member.attempt->fd(), sys::kReadable | sys::kWritable | sys::kPeerClosed | sys::kEdge,
                  member);
    }
  }
}

void Pool::run() {
  loop_.watch(STDIN_FILENO, sys::kReadable, *this);
  loop_.on_batch([this](Time now) { return tick(now); });
  loop_.run();
  print();
}

void Pool::on_events(std::uint32_t) {
  char command[64];
  if (::read(STDIN_FILENO, command, sizeof command) > 0) {
    mark();
    return;
  }
  loop_.unwatch(STDIN_FILENO);
  gone_at_ = loop_.now();
}

void Pool::mark() {
  marked_at_ = loop_.now();
  for (const auto& member : members_) {
    if (member->attempt) {
      round_trips_ += sys::round_trip_time(member->attempt->fd());
      ++measured_;
    }
  }
}

Time Pool::tick(Time now) {
  Time next = gone_at_ == Time::max() ? Time::max() : gone_at_ + kPatience;
  bool over = gone_at_ != Time::max();
  for (const auto& member : members_) {
    if (member->attempt) {
      go_on(*member, now);
    }
    if (member->attempt) {
      over = false;
      next = std::min(next, member->attempt->wake_at());
    }
  }
  if (over) {
    loop_.stop();
  }
  return next;
}

void Pool::go_on(Member& member, Time now) {
  Attempt& attempt = *member.attempt;
  if (std::exchange(member.stirred, false) || now >= attempt.wake_at()) {
    attempt.advance(now);
  }
  if (gone_at_ != Time::max() && now >= gone_at_ + kPatience) {
    attempt.give_up();
  }
  if (attempt.ended()) {
    settle(attempt, now);
    member.attempt.reset();
  }
}

void Pool::settle(const Attempt& attempt, Time now) {
  ++outcomes_[static_cast<std::size_t>(attempt.outcome())];
  asked_ += attempt.asked();
  answered_ += attempt.answered();
  if (attempt.asked() > attempt.answered()) {
    lost_at_.push_back(now);
  }
}

void Pool::print() const {
  std::printf("{\"asked\": %ld, \"answered\": %ld, \"round_trip_ms\": %.1f, \"lost_ms\": [", asked_,
              answered_, 1000 * seconds(round_trips_) / std::max(measured_, 1));
  const char* comma = "";
  for (const Time when : lost_at_) {
    std::printf("%s%.1f", comma, marked_at_ == Time::max() ? -1.0 : 1000 * seconds(when - marked_at_));
    comma = ", ";
  }
  std::printf("], \"ended\": {");
  comma = "";
  for (int i = 0; i < kOutcomes; ++i) {
    const std::string outcome(to_string(static_cast<Outcome>(i)));
    std::printf("%s\"%s\": %ld", comma, outcome.c_str(), outcomes_[static_cast<std::size_t>(i)]);
    comma = ", ";
  }
  std::printf("}}\n");
}

int run(int argc, char** argv) {
  const Result<sys::Address> target = sys::parse_address(argc == 5 ? argv[1] : "");
  if (!target) {
    std::fputs("usage: keep_alive_pool ADDRESS CLIENTS uniform|exponential THINK_MS\n", stderr);
    return 2;
  }
  const auto kind = std::string_view(argv[3]) == "uniform" ? Think::Kind::uniform : Think::Kind::exponential;
  Pool(*target, std::atoi(argv[2]), Think(kind, std::chrono::milliseconds(std::atoi(argv[4])))).run();
  return 0;
}

}  // namespace
}  // namespace lastcall::netns

int main(int argc, char** argv) {
  return lastcall::netns::run(argc, argv);
}
