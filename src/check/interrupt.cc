#include "check/interrupt.h"

#include <algorithm>
#include <array>
#include <csignal>

#include "base/assert.h"

namespace lastcall::check {

Interrupt::Interrupt(net::Loop& loop, std::function<void()> interrupted)
    : loop_(loop), interrupted_(std::move(interrupted)), fd_(sys::signal_fd_create()) {
  LASTCALL_ASSERT(loop_.watch(fd_.get(), sys::kReadable, *this) == 0);
}

Interrupt::~Interrupt() {
  loop_.unwatch(fd_.get());
}

void Interrupt::on_events(std::uint32_t) {
  constexpr std::array kEnding = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
  while (const auto signal = sys::next_signal(fd_.get())) {
    if (std::ranges::find(kEnding, signal->number) != kEnding.end()) {
      interrupted_();
    }
  }
}

Error interrupted_error() {
  return {.what = "interrupted", .fix = {}, .exit_status = 130};
}

}  // namespace lastcall::check
