#include "lastcall/guard.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace lastcall {
namespace {

constexpr std::array<Guard::Field, 2> kRefusal{{{"Connection", "close"}, {"Retry-After", "1"}}};

}  // namespace

Guard::Guard(Coordinator& coordinator, std::string name)
    : coordinator_(coordinator), name_(std::move(name)), requests_(coordinator.scope(name_)) {}

Permit Guard::admit(std::string_view label) {
  return requests_.try_enter(label);
}

std::span<const Guard::Field> Guard::fields(const Permit& request) const {
  if (!request) {
    return kRefusal;
  }
  return std::span(kRefusal).first(coordinator_.announced() ? 1 : 0);
}

Result<void> Guard::stop_with(std::function<void()> stop) {
  // The stage after that in which scopes are waited for.
  return coordinator_.add_step(
      {.name = name_ + " stop", .stage = Stage::producers},
      [stop = std::move(stop), grace = coordinator_.options().idle_grace](const StepContext& step) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any asked_to_stop;
        asked_to_stop.wait_for(lock, step.token(), grace, [] { return false; });
        stop();
      });
}

}  // namespace lastcall
