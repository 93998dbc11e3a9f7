#include "service/kernel_signals.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "sys/sys.h"

namespace lastcall::service {

namespace {

constexpr int kStopSignals[] = {SIGTERM, SIGINT, SIGQUIT};

}  // namespace

// The thread comes first: once signals are held there is nothing left that could fail.
KernelSignals::KernelSignals()
    : thread_([to_come = receiver_.get_future()]() mutable {
        sys::block_all_signals();
        const Receiver receiver = to_come.get();
        while (const int signal = receiver ? sys::next_caught_signal() : 0) {
          receiver(signal);
        }
      }) {}

Result<std::shared_ptr<KernelSignals>> KernelSignals::create() {
  std::shared_ptr<KernelSignals> signals(new KernelSignals());
  const int caught = sys::catch_signals(kStopSignals);
  if (caught == -EBUSY) {
    return failure("another lastcall::Coordinator of this process handles its signals",
                   "keep one, or set Options::handle_signals to false in the others", 2);
  }
  if (caught < 0) {
    return failure(std::string("cannot catch signals: ") + std::strerror(-caught));
  }
  signals->holding_ = true;
  return signals;
}

KernelSignals::~KernelSignals() {
  stop();
}

void KernelSignals::start(Receiver receiver) {
  started_ = true;
  receiver_.set_value(std::move(receiver));
}

void KernelSignals::stop() {
  if (!thread_.joinable()) {
    return;
  }
  if (!started_) {
    start(holding_ ? [](int) {} : Receiver());
  }
  if (holding_) {
    constexpr int kKept[] = {SIGTERM};
    sys::release_signals(keeps_sigterm_ ? std::span<const int>(kKept) : std::span<const int>());
  }
  thread_.join();
}

}  // namespace lastcall::service
