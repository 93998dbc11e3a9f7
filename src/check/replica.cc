#include "check/replica.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/signal_name.h"

namespace lastcall::check {
namespace {

constexpr std::uint16_t kFirstPort = 10000;
constexpr int kMaxTries = 1000;

/// The first and the last port that the kernel gives to connections.
std::pair<int, int> ports_of_connections() {
  const std::string text = sys::read_file("/proc/sys/net/ipv4/ip_local_port_range").value_or("");
  std::pair<int, int> range{32768, 60999};
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.first);
  std::from_chars(std::min(first.ptr + 1, end), end, range.second);
  return range;
}

Scenario ready_question(const RollingPlan& plan, std::uint16_t port) {
  const std::string& path = plan.ready_path.empty() ? plan.path : plan.ready_path;
  return {.target = loopback(port),
          .flows = {{.name = "ready", .path = path, .timeout = 5s}},
          .headers = plan.headers};
}

bool is_free(std::uint16_t port) {
  return sys::UniqueFd(sys::listen_on(loopback(port), 1)).get() >= 0;
}

}  // namespace

sys::Address loopback(std::uint16_t port) {
  return {.family = sys::Address::Family::ipv4, .ip = {127, 0, 0, 1}, .port = port};
}

std::string describe(const sys::ExitStatus& exit) {
  return exit.signalled ? "died of " + signal_name(exit.value) : "exit " + std::to_string(exit.value);
}

Time Question::tick(Time now) {
  const auto& seen = load_.observations();
  if (!answered_ && !seen.empty() && seen.back().outcome == judge::Outcome::ok) {
    answered_ = true;
    load_.stop();
  }
  return load_.tick(now);
}

Result<void> Replica::start(Time now) {
  ready_ = false;
  process_ = std::make_unique<ServerProcess>(loop_);
  auto started = process_->start(on_port(plan_.command, port_));
  if (started) {
    question_ = std::make_unique<Question>(ready_question(plan_, port_), loop_, now);
  }
  return started;
}

void Replica::end() {
  question_.reset();
  if (process_) {
    process_->end();
  }
}

Time Replica::tick(Time now) {
  if (!question_) {
    return Time::max();
  }
  const Time next = question_->tick(now);
  ready_ = question_->answered();
  return next;
}

std::uint16_t lasting_port(std::mt19937_64& random) {
  const auto [first, last] = ports_of_connections();
  std::uniform_int_distribution<int> any(kFirstPort, 65535);
  for (int i = 0; i < kMaxTries; ++i) {
    const int port = any(random);
    if ((port < first || port > last) && is_free(static_cast<std::uint16_t>(port))) {
      return static_cast<std::uint16_t>(port);
    }
  }
  return 0;
}

}  // namespace lastcall::check
