#include "check/fleet.h"

#include <algorithm>

#include <fmt/format.h>

#include "check/ports.h"
#include "check/server_start.h"

namespace lastcall::check {
namespace {

constexpr int kMaxTries = 1000;  // to find a port that no other replica has

/// With fewer replicas than planned if there are not enough ports.
BalancerPlan balancer_plan(const RollingPlan& plan) {
  BalancerPlan result{
      .kind = plan.balancer, .port = lasting_port(), .ready_path = plan.ready_path, .folder = plan.folder};
  for (int i = 0; i < kMaxTries && result.replicas.size() < plan.replicas; ++i) {
    const std::uint16_t port = lasting_port();
    if (port != 0 && port != result.port && std::ranges::count(result.replicas, port) == 0) {
      result.replicas.push_back(port);
    }
  }
  return result;
}

Error ended_by_itself(const std::string& what, const ServerProcess& process, int status) {
  Error error = with_output(what + " ended by itself: " + describe(*process.exited()), {}, process);
  error.exit_status = status;
  return error;
}

}  // namespace

Fleet::Fleet(const RollingPlan& plan, net::Loop& loop)
    : plan_(plan), loop_(loop), balancer_(balancer_plan(plan), loop) {
  for (const std::uint16_t port : balancer_.plan().replicas) {
    replicas_.push_back(std::make_unique<Replica>(plan, port, loop));
  }
}

Result<void> Fleet::start_replicas(Time now) {
  if (replicas_.size() < plan_.replicas) {
    return failure("there are not enough free ports on 127.0.0.1", {}, 2);
  }
  for (const auto& replica : replicas_) {
    if (const auto started = replica->start(now); !started) {
      return failure(started.error().what, started.error().fix, 2);
    }
  }
  return {};
}

Result<void> Fleet::start_balancer() {
  return balancer_.start(plan_.command.environment);
}

void Fleet::ask(Scenario scenario, Time now) {
  questions_.push_back(std::make_unique<Question>(std::move(scenario), loop_, now));
}

void Fleet::ask_routing(std::optional<std::size_t> replica, Time now) {
  questions_.clear();
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    auto question = balancer_.routing_question(i);
    if (question && i == replica.value_or(i)) {
      ask(std::move(*question), now);
    }
  }
  routed_at_earliest_ = now;
  if (!replica) {
    ask({.target = sys::loopback_ipv4(balancer_.plan().port),
         .flows = {{.name = "users", .path = plan_.path}},
         .headers = plan_.headers},
        now);
  } else if (questions_.empty()) {
    routed_at_earliest_ = now + Balancer::kLeftAlone;
  }
}

bool Fleet::routed(Time now) const {
  return now >= routed_at_earliest_ &&
         std::ranges::all_of(questions_, [](const auto& question) { return question->answered(); });
}

std::optional<Error> Fleet::lost(std::optional<std::size_t> told) const {
  if (balancer_.process().exited()) {
    return ended_by_itself(std::string(to_string(plan_.balancer)), balancer_.process(), 2);
  }
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    const Replica& replica = *replicas_[i];
    if (i != told && replica.process().exited()) {
      return ended_by_itself(fmt::format("replica {}", i + 1), replica.process(), replica.ready() ? 1 : 2);
    }
  }
  return std::nullopt;
}

Error Fleet::not_routed() const {
  return with_output(std::string(to_string(plan_.balancer)) +
                         " does not send requests to a replica that is ready, or gets no good answer",
                     {}, balancer_.process());
}

Error Fleet::not_ready() const {
  const auto silent = std::ranges::find_if(replicas_, [](const auto& replica) { return !replica->ready(); });
  return with_output(fmt::format("replica {} did not answer in time", silent - replicas_.begin() + 1),
                     "see --path, --ready-path and --start-timeout", (*silent)->process());
}

bool Fleet::all_ready() const {
  return std::ranges::all_of(replicas_, [](const auto& replica) { return replica->ready(); });
}

Time Fleet::tick(Time now) {
  Time next = routed_at_earliest_ > now ? routed_at_earliest_ : Time::max();
  for (const auto& replica : replicas_) {
    next = std::min(next, replica->tick(now));
  }
  for (const auto& question : questions_) {
    next = std::min(next, question->tick(now));
  }
  return next;
}

void Fleet::end() {
  questions_.clear();
  balancer_.end();
  for (const auto& replica : replicas_) {
    replica->end();
  }
}

bool Fleet::gone() const {
  return balancer_.process().gone() &&
         std::ranges::all_of(replicas_, [](const auto& replica) { return replica->gone(); });
}

}  // namespace lastcall::check
