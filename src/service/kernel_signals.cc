#include "service/kernel_signals.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>

#include "sys/sys.h"

namespace lastcall::service {

namespace {

constexpr int kStopSignals[] = {SIGTERM, SIGINT, SIGQUIT};

}  // namespace

Result<std::shared_ptr<KernelSignals>> KernelSignals::create() {
  const int caught = sys::catch_signals(kStopSignals);
  if (caught == -EBUSY) {
    return failure("another lastcall::Coordinator of this process handles its signals",
                   "keep one, or set Options::handle_signals to false in the others", 2);
  }
  if (caught < 0) {
    return failure(std::string("cannot catch signals: ") + std::strerror(-caught));
  }
  return std::shared_ptr<KernelSignals>(new KernelSignals());
}

KernelSignals::~KernelSignals() {
  stop();
}

void KernelSignals::start(Receiver receiver) {
  thread_ = std::thread([receiver = std::move(receiver)] {
    while (const int signal = sys::next_caught_signal()) {
      receiver(signal);
    }
  });
}

void KernelSignals::stop() {
  if (!thread_.joinable()) {
    return;
  }
  sys::release_signals();
  thread_.join();
}

}  // namespace lastcall::service
