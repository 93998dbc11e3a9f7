#include "service/inbox.h"

#include <utility>

namespace lastcall::service {

void Inbox::post(drain::Event event) {
  {
    const std::lock_guard lock(mutex_);
    if (std::holds_alternative<drain::Redialled>(event) && std::exchange(redialled_, true)) {
      return;
    }
    letters_.push_back({std::move(event), clock_->now()});
  }
  changed_.notify_one();
}

std::deque<Inbox::Letter> Inbox::take(Time until) {
  std::unique_lock lock(mutex_);
  while (letters_.empty() && clock_->now() < until) {
    clock_->wait_until(lock, changed_, until);
  }
  redialled_ = false;
  return std::exchange(letters_, {});
}

}  // namespace lastcall::service
