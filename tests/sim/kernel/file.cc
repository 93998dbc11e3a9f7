#include "sim/kernel/file.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/assert.h"

namespace lastcall::sim {
namespace {

// epoll reports these whether or not they were asked for.
constexpr std::uint32_t kAlways = sys::kError | sys::kHangup;

}  // namespace

// The exclusive ones wait behind the others, each new one last.
void File::add(Watch& watch) {
  const bool exclusive = (watch.events & sys::kExclusive) != 0;
  watches_.insert(exclusive ? watches_.end() : watches_.begin(), &watch);
}

void File::remove(Watch& watch) {
  std::erase(watches_, &watch);
}

void File::changed(Fibers& fibers, std::uint32_t events) {
  for (Fiber* fiber : std::exchange(waiters_, {})) {
    fibers.wake(*fiber);
  }
  bool one_is_awake = false;
  for (Watch* watch : watches_) {
    const bool exclusive = (watch->events & sys::kExclusive) != 0;
    const bool asked_for = (events & (watch->events | kAlways)) != 0;
    if (!asked_for || (exclusive && one_is_awake)) {
      continue;
    }
    const bool woke = watch->poller.wake(*watch);
    one_is_awake |= exclusive && woke;
  }
}

int Poller::add(int fd, std::shared_ptr<File> file, std::uint32_t events, void* target) {
  auto watch = std::make_unique<Watch>(*this, std::move(file), events, target);
  Watch& added = *watch;
  if (!watches_.emplace(fd, std::move(watch)).second) {
    return -EEXIST;
  }
  added.file->add(added);
  if ((added.file->readiness() & (events | kAlways)) != 0) {
    wake(added);
  }
  return 0;
}

int Poller::remove(int fd) {
  const auto found = watches_.find(fd);
  if (found == watches_.end()) {
    return -ENOENT;
  }
  found->second->file->remove(*found->second);
  std::erase(maybe_ready_, found->second.get());
  watches_.erase(found);
  return 0;
}

void Poller::closed() {
  for (const auto& [fd, watch] : watches_) {
    watch->file->remove(*watch);
  }
  maybe_ready_.clear();
  watches_.clear();
}

bool Poller::wake(Watch& watch) {
  if (!std::exchange(watch.queued, true)) {
    maybe_ready_.push_back(&watch);
  }
  if (sleeper_ == nullptr) {
    return false;
  }
  fibers_.wake(*std::exchange(sleeper_, nullptr));
  return true;
}

int Poller::wait(std::span<sys::ReadyEvent> out, Time until, const Timeline& timeline) {
  fibers_.yield();
  int count = collect(out);
  while (count == 0 && timeline.now() < until) {
    sleeper_ = &fibers_.current();
    fibers_.wait(until);
    sleeper_ = nullptr;
    count = collect(out);
  }
  return count;
}

// Level-triggered entries stay in the list, at its end, until they are found not to be ready.
int Poller::collect(std::span<sys::ReadyEvent> out) {
  std::size_t count = 0;
  for (std::size_t looks = maybe_ready_.size(); looks > 0 && count < out.size(); --looks) {
    Watch& watch = *maybe_ready_.front();
    maybe_ready_.pop_front();
    watch.queued = false;
    const std::uint32_t events = watch.file->readiness() & (watch.events | kAlways);
    if (events == 0) {
      continue;
    }
    out[count++] = {events, watch.target};
    if ((watch.events & sys::kEdge) == 0) {
      watch.queued = true;
      maybe_ready_.push_back(&watch);
    }
  }
  return static_cast<int>(count);
}

}  // namespace lastcall::sim
