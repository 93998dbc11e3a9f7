#include "service/watchdog.h"

#include <string_view>
#include <utility>

#include "sys/sys.h"

namespace lastcall::service {

namespace {

constexpr std::string_view kMessage =
    "lastcall: the shutdown did not end in time, and neither did the process: exit status 1\n";
constexpr std::string_view kNeverRun =
    "lastcall: the shutdown did not end in time, for run() was never called: exit status 1\n";

}  // namespace

Result<std::unique_ptr<Watchdog>> Watchdog::create() {
  sys::UniqueFd alarm(sys::alarm_create());
  if (!alarm) {
    return failure("the watchdog has no timer: no file descriptor is left",
                   "raise the limit of open files, or set Options::watchdog to false");
  }
  return std::unique_ptr<Watchdog>(new Watchdog(std::move(alarm)));
}

Watchdog::Watchdog(sys::UniqueFd alarm) : alarm_(std::move(alarm)), thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  disarmed_ = true;
  sys::alarm_set(alarm_.get(), Time{});
  thread_.join();
}

void Watchdog::arm(Time at) {
  if (at < at_.load()) {
    at_ = at;
    sys::alarm_set(alarm_.get(), at);
  }
}

void Watchdog::watch() const {
  sys::block_all_signals();
  while (!disarmed_) {
    sys::alarm_wait(alarm_.get());
    if (!disarmed_ && sys::now() >= at_.load()) {
      sys::write_now(2, run_called_ ? kMessage : kNeverRun);
      sys::exit_now(1);
    }
  }
}

}  // namespace lastcall::service
