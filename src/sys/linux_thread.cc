#include <thread>
#include <utility>

#include "base/assert.h"
#include "sys/thread.h"

namespace lastcall::sys {

struct Thread::Running {
  std::thread thread;
};

Thread::Thread() = default;

Thread::Thread(std::function<void()> body)
    : running_(std::make_unique<Running>(Running{std::thread(std::move(body))})) {}

Thread::Thread(Thread&& other) noexcept = default;

Thread& Thread::operator=(Thread&& other) noexcept {
  LASTCALL_ASSERT(!joinable());
  running_ = std::move(other.running_);
  return *this;
}

Thread::~Thread() {
  LASTCALL_ASSERT(!joinable());
}

void Thread::join() {
  LASTCALL_ASSERT(joinable());
  running_->thread.join();
  running_.reset();
}

}  // namespace lastcall::sys
