#include "service/inbox.h"

#include <utility>

namespace lastcall::service {

void Inbox::post(drain::Event event) {
  {
    const std::lock_guard lock(mutex_);
    if (std::holds_alternative<drain::Redialled>(event) && std::exchange(redialled_, true)) {
      return;
    }
    events_.push_back(std::move(event));
  }
  changed_.notify_one();
}

std::deque<drain::Event> Inbox::take(Time until) {
  std::unique_lock lock(mutex_);
  while (events_.empty() && clock_->now() < until) {
    clock_->wait_until(lock, changed_, until);
  }
  redialled_ = false;
  return std::exchange(events_, {});
}

}  // namespace lastcall::service
