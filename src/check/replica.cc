#include "check/replica.h"

#include <utility>

namespace lastcall::check {
namespace {

Scenario ready_question(const RollingPlan& plan, std::uint16_t port) {
  const std::string& path = plan.ready_path.empty() ? plan.path : plan.ready_path;
  return {.target = sys::loopback_ipv4(port),
          .flows = {{.name = "ready", .path = path, .timeout = 5s}},
          .headers = plan.headers};
}

}  // namespace

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

}  // namespace lastcall::check
