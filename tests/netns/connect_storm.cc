// connect_storm: clients that connect without pause, a quarter of them for 20 requests on one connection, and
// silent ones that connect early and send their request late. Standard input commands it: "mark T" = the
// server was told to stop at T (monotonic clock, ns); end of file = the server is gone, finish. Prints
// "served" once a client was answered, and at the end one line of JSON: how many attempts ended in which way.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <unistd.h>
#include <vector>

#include "attempt.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::netns {
namespace {

constexpr Duration kPause = 5ms;  // at most, between attempts: else all clients fall into step
constexpr Duration kPauseAfterRefusal = 20ms;
constexpr Duration kPatience = 5s;  // for outstanding answers, once the server is gone
constexpr Duration kHandshakePatience =
    100ms;  // for handshakes: what was dropped is sent again after a second
constexpr int kKeepAliveRequests = 20;
constexpr Duration kLate = 100ms;  // for a silent client's request; a server waits for it for a second

struct Settings {
  sys::Address target;
  int clients = 64;
  int silent = 0;
  Duration silent_spread = 0s;    ///< silent clients connect within this time from the start
  Duration silent_delay = 700ms;  ///< and send within this time from the mark
};

/// The counts of one kind of client.
struct Tally {
  std::array<long, kOutcomes> outcomes{};
  long connected = 0;
  long open_after_mark = 0;  ///< of these: ended after the mark
  long answered = 0;

  void add(const Attempt& attempt, Outcome outcome, bool marked);
  void print(const char* name) const;
};

void Tally::add(const Attempt& attempt, Outcome outcome, bool marked) {
  ++outcomes[static_cast<std::size_t>(outcome)];
  answered += attempt.answered();
  if (attempt.connected()) {
    ++connected;
    open_after_mark += marked ? 1 : 0;
  }
}

void Tally::print(const char* name) const {
  std::printf("\"%s\": {\"connected\": %ld, \"open_after_mark\": %ld, \"answered\": %ld", name, connected,
              open_after_mark, answered);
  for (int i = 0; i < kOutcomes; ++i) {
    const std::string outcome(to_string(static_cast<Outcome>(i)));
    std::printf(", \"%s\": %ld", outcome.c_str(), outcomes[static_cast<std::size_t>(i)]);
  }
  std::printf("}");
}

/// A place from which one attempt after the other is made, or only one.
struct Slot final : net::Handler {
  Tally* tally = nullptr;
  Attempt::Plan plan{};
  bool once = false;
  Time next;  ///< when the next attempt starts
  std::unique_ptr<Attempt> attempt;
  bool stirred = false;

  void on_events(std::uint32_t) override { stirred = true; }
};

class Storm final : public net::Handler {
 public:
  explicit Storm(const Settings& settings);

  void run();

 private:
  void on_events(std::uint32_t) override;
  void mark(Time told);
  Time tick(Time now);
  void start(Slot& slot);
  void go_on(Slot& slot, Time now);
  void settle(Slot& slot, Time now);
  [[nodiscard]] Time wake_at(const Slot& slot) const;

  [[nodiscard]] bool finishing() const { return gone_at_ != Time::max(); }

  [[nodiscard]] bool out_of_patience(const Slot& slot, Time now) const;
  [[nodiscard]] Duration any_time_within(Duration limit);

  Settings settings_;
  net::Loop loop_;
  std::mt19937 random_{1};
  Tally busy_;
  Tally silent_;
  std::vector<std::unique_ptr<Slot>> slots_;
  bool served_ = false;
  bool marked_ = false;
  Time gone_at_ = Time::max();  ///< when the end of standard input said that the server is gone
};

Storm::Storm(const Settings& settings) : settings_(settings) {
  const Time now = sys::now();
  for (int i = 0; i < settings.clients + settings.silent; ++i) {
    auto& slot = *slots_.emplace_back(std::make_unique<Slot>());
    slot.once = i >= settings.clients;
    slot.tally = slot.once ? &silent_ : &busy_;
    if (slot.once) {
      slot.plan.send_at = Time::max();
      slot.next = now + any_time_within(settings.silent_spread);
    } else {
      slot.plan.requests = i % 4 == 3 ? kKeepAliveRequests : 1;
      slot.next = now + any_time_within(4 * kPause);
    }
  }
}

Duration Storm::any_time_within(Duration limit) {
  return Duration(std::uniform_int_distribution<std::int64_t>(0, limit.count())(random_));
}

void Storm::run() {
  loop_.watch(STDIN_FILENO, sys::kReadable, *this);
  loop_.on_batch([this](Time now) { return tick(now); });
  loop_.run();
  std::printf("{");
  busy_.print("busy");
  std::printf(", ");
  silent_.print("silent");
  std::printf("}\n");
}

void Storm::on_events(std::uint32_t) {
  char command[64] = {};
  long long told = 0;
  if (::read(STDIN_FILENO, command, sizeof command - 1) > 0 &&
      std::sscanf(command, "mark %lld", &told) == 1) {
    mark(Time(Duration(told)));
    return;
  }
  loop_.unwatch(STDIN_FILENO);
  gone_at_ = loop_.now();
}

void Storm::mark(Time told) {
  marked_ = true;
  for (const auto& slot : slots_) {
    if (slot->once && slot->attempt) {
      slot->attempt->send_at(told + any_time_within(settings_.silent_delay));
    }
  }
}

Time Storm::tick(Time now) {
  Time next = Time::max();
  bool over = finishing();
  for (const auto& slot : slots_) {
    if (slot->attempt) {
      go_on(*slot, now);
    }
    if (!slot->attempt && !finishing() && now >= slot->next) {
      start(*slot);
    }
    next = std::min(next, wake_at(*slot));
    over = over && !slot->attempt;
  }
  if (over) {
    loop_.stop();
  }
  return finishing() ? std::min(next, now + kHandshakePatience) : next;
}

void Storm::start(Slot& slot) {
  slot.attempt = std::make_unique<Attempt>(settings_.target, slot.plan);
  if (slot.attempt->ended()) {
    settle(slot, sys::now());
    return;
  }
  loop_.watch(slot.attempt->fd(), sys::kReadable | sys::kWritable | sys::kPeerClosed | sys::kEdge, slot);
}

void Storm::go_on(Slot& slot, Time now) {
  if (std::exchange(slot.stirred, false) || now >= slot.attempt->wake_at()) {
    slot.attempt->advance(now);
  }
  if (!slot.attempt->ended() && out_of_patience(slot, now)) {
    slot.attempt->give_up();
  }
  if (slot.attempt->ended()) {
    settle(slot, now);
  }
}

bool Storm::out_of_patience(const Slot& slot, Time now) const {
  return finishing() && now >= gone_at_ + (slot.attempt->connecting() ? kHandshakePatience : kPatience);
}

void Storm::settle(Slot& slot, Time now) {
  Outcome outcome = slot.attempt->outcome();
  if (slot.once && outcome == Outcome::eof && slot.attempt->lateness() > kLate) {
    outcome = Outcome::late;
  }
  slot.tally->add(*slot.attempt, outcome, marked_);
  if (outcome == Outcome::ok && !std::exchange(served_, true)) {
    std::puts("served");
    std::fflush(stdout);
  }
  slot.attempt.reset();
  if (slot.once) {
    slot.next = Time::max();
  } else {
    slot.next = now + (outcome == Outcome::refused ? kPauseAfterRefusal : any_time_within(kPause));
  }
}

Time Storm::wake_at(const Slot& slot) const {
  return slot.attempt ? slot.attempt->wake_at() : slot.next;
}

int usage() {
  std::fputs("usage: connect_storm ADDRESS CLIENTS [SILENT_CLIENTS SILENT_SPREAD_MS]\n", stderr);
  return 2;
}

int run(int argc, char** argv) {
  if (argc != 3 && argc != 5) {
    return usage();
  }
  const Result<sys::Address> target = sys::parse_address(argv[1]);
  if (!target) {
    return usage();
  }
  Settings settings{.target = *target, .clients = std::atoi(argv[2])};
  if (argc == 5) {
    settings.silent = std::atoi(argv[3]);
    settings.silent_spread = std::chrono::milliseconds(std::atoi(argv[4]));
  }
  Storm(settings).run();
  return 0;
}

}  // namespace
}  // namespace lastcall::netns

int main(int argc, char** argv) {
  return lastcall::netns::run(argc, argv);
}
