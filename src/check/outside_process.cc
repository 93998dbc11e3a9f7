#include "check/outside_process.h"

#include <cstring>

#include "base/assert.h"

namespace lastcall::check {

OutsideProcess::~OutsideProcess() {
  if (process_) {
    loop_.unwatch(process_.get());
  }
}

Result<void> OutsideProcess::attach(pid_t pid) {
  if (pid <= 1 || pid == sys::own_pid()) {
    return failure("process " + std::to_string(pid) + " is never signalled", "name the server's own process",
                   2);
  }
  const int process = sys::process_open(pid);
  if (process < 0) {
    return failure("process " + std::to_string(pid) + ": " + std::strerror(-process), {}, 2);
  }
  process_.reset(process);
  if (const int failed = sys::process_signal(process_.get(), 0); failed != 0) {
    return failure("process " + std::to_string(pid) + " cannot be signalled: " + std::strerror(-failed), {},
                   2);
  }
  LASTCALL_ASSERT(loop_.watch(process_.get(), sys::kReadable, *this) == 0);
  return {};
}

void OutsideProcess::signal(int number) {
  if (!exited()) {
    sys::process_signal(process_.get(), number);
  }
}

void OutsideProcess::on_events(std::uint32_t) {
  exited_at_ = sys::now();
  loop_.unwatch(process_.get());
  process_.reset();
}

}  // namespace lastcall::check
